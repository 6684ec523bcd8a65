package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Description;

/** Whether a watchdog resets the machine of a leader whose Patroni hangs. */
public enum Watchdog {
  @JsonProperty("automatic")
  @Description("Use it on machines that have one.")
  AUTOMATIC,
  @JsonProperty("required")
  @Description("A node without one never becomes the leader.")
  REQUIRED,
  @JsonProperty("off")
  @Description("Do not use it. Not allowed with durability async.")
  OFF;

  /** Patroni's word. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
