package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Description;

/** Whether a watchdog resets the machine of a leader whose Patroni does not act any more. */
public enum Watchdog {
  /** Where the machine has one. */
  @JsonProperty("automatic")
  @Description("Used where the machine has one.")
  AUTOMATIC,
  /** A node without one never leads. */
  @JsonProperty("required")
  @Description("A node without one never leads.")
  REQUIRED,
  /** Left alone. */
  @JsonProperty("off")
  @Description("Not used; not with durability async.")
  OFF;

  /** Patroni's word. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
