package ninefold.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a node does for the cluster. A node may have several roles. */
public enum Role {
  @JsonProperty("postgres")
  @Doc("PostgreSQL, Patroni and PgBouncer.")
  POSTGRES,
  @JsonProperty("etcd")
  @Doc("A member of the etcd cluster.")
  ETCD,
  @JsonProperty("balancer")
  @Doc("HAProxy and Keepalived.")
  BALANCER,
  @JsonProperty("repository")
  @Doc("The pgBackRest repository: backups and archived WAL.")
  REPOSITORY;

  /** The word used in descriptions, outputs and resource names. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
