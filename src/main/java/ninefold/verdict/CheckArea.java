package ninefold.verdict;

/** What a check looks at. */
public enum CheckArea {
  /** The machines themselves. */
  MACHINES,
  /** Leader, replicas, slots. */
  REPLICATION,
  /** PostgreSQL's settings, and Patroni's. */
  SETTINGS,
  /** Backups and archived WAL. */
  BACKUPS,
  /** etcd. */
  ETCD,
  /** From the virtual address to the pool. */
  CLIENT_PATH,
  /** Certificates. */
  CERTIFICATES,
  /** Whether everything is as the stack left it. */
  CONFORMITY;

  /** The word in JSON, as in {@code client-path}. */
  public String word() {
    return FindingText.kebab(name());
  }
}
