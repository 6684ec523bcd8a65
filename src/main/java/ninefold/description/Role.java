package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import ninefold.description.schema.Description;

/** What a node does for the cluster. A node may have several roles. */
public enum Role {
  /** PostgreSQL under Patroni, with PgBouncer beside it. */
  @JsonProperty("postgres")
  @Description("PostgreSQL under Patroni, with PgBouncer beside it.")
  POSTGRES,
  /** A member of the etcd cluster in which Patroni keeps who leads. */
  @JsonProperty("etcd")
  @Description("A member of the etcd cluster.")
  ETCD,
  /** HAProxy, and Keepalived for the virtual address. */
  @JsonProperty("balancer")
  @Description("HAProxy, and Keepalived for the virtual address.")
  BALANCER,
  /** The pgBackRest repository: backups and archived WAL. */
  @JsonProperty("repository")
  @Description("Backups and archived WAL, by pgBackRest.")
  REPOSITORY;

  /** The word used in descriptions, outputs and resource names. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
