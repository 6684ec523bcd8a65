package ninefold.description;

import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * How the machines' clocks are kept.
 *
 * @param manage whether the cluster sets up time synchronisation on its machines
 * @param servers NTP servers, beside those that the machine has
 */
public record TimeSync(
    @Description("Whether time synchronisation is set up here; false where the host has its own.")
        @Default("true")
        boolean manage,
    @Description("NTP servers, beside those that the machine has.")
        @Default("[]")
        @Format(TextFormat.HOST)
        List<String> servers) {

  /** Keeps a copy that cannot be changed. */
  public TimeSync {
    servers = List.copyOf(servers);
  }
}
