package ninefold.cluster;

import java.util.List;

/** How the machines' clocks are kept. */
public record Time(
    @Doc(
            "Whether the stack sets up time synchronization. Set it to false if the machines have their own.")
        @Default("true")
        boolean manage,
    @Doc("NTP servers, in addition to those that the machines already use.")
        @Default("[]")
        @Written(Form.HOST)
        List<String> servers) {

  /** Keeps a copy that cannot be changed. */
  public Time {
    servers = List.copyOf(servers);
  }
}
