package ninefold.verdict;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.cluster.Cluster;

/**
 * Whether a cluster is healthy and matches its description.
 *
 * @param state its state
 * @param findings what is not as it should be, in the order of weight
 * @param picture what a status screen shows
 */
public record Verdict(State state, List<Finding> findings, Picture picture) {

  /** Keeps a copy that cannot be changed. */
  public Verdict {
    findings = List.copyOf(findings);
  }

  /**
   * Evaluates what the machines answered.
   *
   * @param cluster the description
   * @param answers answers by the name of the node; a node that has none counts as silent
   */
  public static Verdict of(Cluster cluster, Map<String, Answer> answers) {
    return new Verdict(
        State.UNKNOWN,
        List.of(),
        new Picture(
            Optional.empty(),
            false,
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of()));
  }

  /** The findings that fail an {@code up}: it caused them, or cannot rule that out. */
  public List<Finding> failing() {
    return findings.stream().filter(finding -> !finding.check().lasting()).toList();
  }

  /** The findings that can have been there before an {@code up}, which only warns of them. */
  public List<Finding> warnings() {
    return findings.stream().filter(finding -> finding.check().lasting()).toList();
  }

  /** The verdict in one line: the state, and what to do first. */
  public String line() {
    return state.word();
  }
}
