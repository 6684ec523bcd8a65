package ninefold.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a node does for the cluster. A node may have several roles. */
public enum Role {
  /** PostgreSQL under Patroni, with PgBouncer beside it. */
  @JsonProperty("postgres")
  POSTGRES,
  /** A member of the etcd cluster in which Patroni keeps who leads. */
  @JsonProperty("etcd")
  ETCD,
  /** HAProxy, and Keepalived for the virtual address. */
  @JsonProperty("balancer")
  BALANCER,
  /** The pgBackRest repository: backups and archived WAL. */
  @JsonProperty("repository")
  REPOSITORY;

  /** The word used in descriptions, outputs and resource names. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
