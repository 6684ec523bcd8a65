package ninefold.verdict;

/** The effect of a finding on clients. */
public enum Effect {
  /** Clients cannot write. */
  NO_WRITES,
  /** Clients can write. */
  DEGRADED;

  /** The keyword in JSON, as in {@code no-writes}. */
  public String word() {
    return FindingText.kebab(name());
  }
}
