package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Description;

/** Which acknowledged writes may be lost: sets Patroni's synchronous replication. */
public enum Durability {
  @JsonProperty("async")
  @Description(
      "Asynchronous replication: the most recent writes may be lost when the leader fails.")
  ASYNC("false", false),
  @JsonProperty("sync")
  @Description(
      "No acknowledged write is lost to a single fault. If no replica is left, writes continue.")
  SYNC("true", false),
  @JsonProperty("strict")
  @Description("As sync, but if no synchronous replica is left, writes wait.")
  STRICT("true", true),
  @JsonProperty("quorum")
  @Description("A commit waits for any one replica. Patroni counts votes before it promotes.")
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
