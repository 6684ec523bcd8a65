package ninefold.verdict;

/** A cluster's state in one word, with the exit code of {@code ./ninefold status}. */
public enum ClusterState {
  /** Nothing was found. */
  HEALTHY(0),
  /** Clients can write, but something is not as it should be. */
  DEGRADED(1),
  /** Clients cannot write. */
  NO_WRITES(2),
  /** Nothing can be known: no database node and no etcd member answers. */
  UNKNOWN(3);

  private final int exitCode;

  ClusterState(int exitCode) {
    this.exitCode = exitCode;
  }

  /** The exit code of {@code ./ninefold status}. */
  public int exitCode() {
    return exitCode;
  }

  /** The word in verdicts and in JSON, as in {@code no-writes}. */
  public String word() {
    return FindingText.kebab(name());
  }
}
