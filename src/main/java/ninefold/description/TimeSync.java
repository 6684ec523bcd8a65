package ninefold.description;

import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** Time synchronization of the machines. */
public record TimeSync(
    @Description(
            "Whether the stack sets up time synchronization. Set it to false if the machines have their own.")
        @Default("true")
        boolean manage,
    @Description("NTP servers, in addition to those that the machines already use.")
        @Default("[]")
        @Format(TextFormat.HOST)
        List<String> servers) {

  /** Keeps a copy that cannot be changed. */
  public TimeSync {
    servers = List.copyOf(servers);
  }
}
