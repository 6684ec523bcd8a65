package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Description;

/** The promise about acknowledged writes; one word sets Patroni's synchronous replication. */
public enum Durability {
  /** Replication is asynchronous: the writes of the last moments may be lost with the leader. */
  @JsonProperty("async")
  @Description("The writes of the last moments may be lost with the leader.")
  ASYNC("false", false),
  /** No acknowledged write is lost to a single fault; with no replica left, writes go on alone. */
  @JsonProperty("sync")
  @Description(
      "No acknowledged write is lost to a single fault; with no replica left, writes go on.")
  SYNC("true", false),
  /** As {@link #SYNC}, but with no synchronous replica left, writes wait. */
  @JsonProperty("strict")
  @Description("As sync, but with no synchronous replica left, writes wait.")
  STRICT("true", true),
  /** A commit waits for any one replica, and Patroni counts votes before it promotes. */
  @JsonProperty("quorum")
  @Description("A commit waits for any one replica; promotion is decided by votes.")
  QUORUM("quorum", false);

  private final String synchronousMode;
  private final boolean strict;

  Durability(String synchronousMode, boolean strict) {
    this.synchronousMode = synchronousMode;
    this.strict = strict;
  }

  /** Patroni's {@code synchronous_mode}. */
  public String synchronousMode() {
    return synchronousMode;
  }

  /** Patroni's {@code synchronous_mode_strict}. */
  public boolean strict() {
    return strict;
  }
}
