package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Description;

/** What to do with the data of a former leader that pg_rewind cannot rewind. */
public enum DivergedData {
  @JsonProperty("automatic")
  @Description("Keep it with durability async, remove it otherwise.")
  AUTOMATIC,
  @JsonProperty("keep")
  @Description("Keep it. The node stays down until an operator reinitializes it.")
  KEEP,
  @JsonProperty("remove")
  @Description("Remove it. The node is cloned immediately.")
  REMOVE;

  /**
   * Whether the data is removed. With synchronous replication, the new leader has all acknowledged
   * writes, so nothing is lost with it.
   */
  public boolean removed(Durability durability) {
    return switch (this) {
      case AUTOMATIC -> durability != Durability.ASYNC;
      case KEEP -> false;
      case REMOVE -> true;
    };
  }
}
