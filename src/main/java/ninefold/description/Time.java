package ninefold.description;

import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Doc;
import ninefold.description.schema.Form;
import ninefold.description.schema.Written;

/**
 * How the machines' clocks are kept.
 *
 * @param manage whether the cluster sets up time synchronisation on its machines
 * @param servers NTP servers, beside those that the machine has
 */
public record Time(
    @Doc("Whether time synchronisation is set up here; false where the host has its own.")
        @Default("true")
        boolean manage,
    @Doc("NTP servers, beside those that the machine has.") @Default("[]") @Written(Form.HOST)
        List<String> servers) {

  /** Keeps a copy that cannot be changed. */
  public Time {
    servers = List.copyOf(servers);
  }
}
