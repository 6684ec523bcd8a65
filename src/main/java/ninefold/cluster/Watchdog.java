package ninefold.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a watchdog resets the machine of a leader whose Patroni hangs. */
public enum Watchdog {
  @JsonProperty("automatic")
  @Doc("Use it on machines that have one.")
  AUTOMATIC,
  @JsonProperty("required")
  @Doc("A node without one never becomes the leader.")
  REQUIRED,
  @JsonProperty("off")
  @Doc("Do not use it. Not allowed with durability async.")
  OFF;

  /** Patroni's word. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
