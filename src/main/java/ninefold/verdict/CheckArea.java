package ninefold.verdict;

/** The area that a check belongs to. */
public enum CheckArea {
  /** The machines themselves. */
  MACHINES,
  /** Leader, replicas, slots. */
  REPLICATION,
  /** Settings of PostgreSQL and Patroni. */
  SETTINGS,
  /** Backups and archived WAL. */
  BACKUPS,
  /** etcd. */
  ETCD,
  /** The client's path, from the virtual address to the pool. */
  CLIENT_PATH,
  /** Certificates. */
  CERTIFICATES,
  /** Differences from what the stack applied. */
  CONFORMITY;

  /** The keyword in JSON, as in {@code client-path}. */
  public String word() {
    return FindingText.kebab(name());
  }
}
