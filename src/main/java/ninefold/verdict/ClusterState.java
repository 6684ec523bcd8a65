package ninefold.verdict;

/** The state of a cluster, with the exit code of {@code ./ninefold status}. */
public enum ClusterState {
  /** There are no findings. */
  HEALTHY(0),
  /** Clients can write, but there are findings. */
  DEGRADED(1),
  /** Clients cannot write. */
  NO_WRITES(2),
  /** No database node and no etcd member answers, so nothing is known. */
  UNKNOWN(3);

  private final int exitCode;

  ClusterState(int exitCode) {
    this.exitCode = exitCode;
  }

  /** The exit code of {@code ./ninefold status}. */
  public int exitCode() {
    return exitCode;
  }

  /** The keyword in JSON, as in {@code no-writes}. */
  public String word() {
    return FindingText.kebab(name());
  }
}
