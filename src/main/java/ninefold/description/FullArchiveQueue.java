package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Description;

/** What happens when more WAL waits to be archived than the archive queue holds. */
public enum FullArchiveQueue {
  @JsonProperty("drop")
  @Description(
      "Writes continue, and waiting WAL is not archived. No restore can cross this gap, so a backup"
          + " starts as soon as the repository answers.")
  DROP,
  @JsonProperty("keep")
  @Description(
      "All WAL is kept until it is archived. If the repository is away for long, the disk becomes"
          + " full, and PostgreSQL stops.")
  KEEP
}
