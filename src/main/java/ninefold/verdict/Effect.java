package ninefold.verdict;

/** What a finding means for clients. */
public enum Effect {
  /** Clients cannot write. */
  NO_WRITES,
  /** Clients can write; something is not as it should be. */
  DEGRADED;

  /** The word in JSON, as in {@code no-writes}. */
  public String word() {
    return FindingText.kebab(name());
  }
}
