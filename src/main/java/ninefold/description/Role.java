package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;
import ninefold.description.schema.Description;

/** What a node does for the cluster. A node may have several roles. */
public enum Role {
  @JsonProperty("postgres")
  @Description("PostgreSQL, Patroni and PgBouncer.")
  POSTGRES,
  @JsonProperty("etcd")
  @Description("A member of the etcd cluster.")
  ETCD,
  @JsonProperty("balancer")
  @Description("HAProxy and Keepalived.")
  BALANCER,
  @JsonProperty("repository")
  @Description("The pgBackRest repository: backups and archived WAL.")
  REPOSITORY;

  /**
   * The directory of the role's data, on which a data disk is mounted; empty if the role keeps no
   * data.
   */
  public Optional<String> dataDirectory() {
    return switch (this) {
      case POSTGRES -> Optional.of("/var/lib/postgresql");
      case ETCD -> Optional.of("/var/lib/etcd");
      case REPOSITORY -> Optional.of("/var/lib/pgbackrest");
      case BALANCER -> Optional.empty();
    };
  }

  /** The word used in descriptions, outputs and resource names. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
