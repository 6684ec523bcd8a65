package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Description;

/** What becomes of the data of a former leader that can't be rewound. */
public enum DivergedData {
  /** Removed where replication is synchronous, kept where it is not. */
  @JsonProperty("automatic")
  @Description("Kept with durability async, removed otherwise.")
  AUTOMATIC,
  /** The node stays down until an operator looks. */
  @JsonProperty("keep")
  @Description("The node stays down until it is made anew by hand.")
  KEEP,
  /** The node is cloned. */
  @JsonProperty("remove")
  @Description("The node is cloned at once.")
  REMOVE;

  /**
   * Whether it is removed. Under synchronous replication it holds no write that a client was told
   * is safe.
   */
  public boolean removed(Durability durability) {
    return switch (this) {
      case AUTOMATIC -> durability != Durability.ASYNC;
      case KEEP -> false;
      case REMOVE -> true;
    };
  }
}
