package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Doc;

/** Whether a watchdog resets the machine of a leader whose Patroni does not act any more. */
public enum Watchdog {
  /** Where the machine has one. */
  @JsonProperty("automatic")
  @Doc("Used where the machine has one.")
  AUTOMATIC,
  /** A node without one never leads. */
  @JsonProperty("required")
  @Doc("A node without one never leads.")
  REQUIRED,
  /** Left alone. */
  @JsonProperty("off")
  @Doc("Not used; not with durability async.")
  OFF;

  /** Patroni's word. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
