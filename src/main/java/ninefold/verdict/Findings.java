package ninefold.verdict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Node;

/**
 * Collects the findings of all checks. A later check can ask whether an earlier one has found the
 * cause.
 */
final class Findings {
  private final List<Finding> all = new ArrayList<>();

  /** Adds a finding on one machine. */
  void add(Check check, String node, String what, String next) {
    all.add(new Finding(check, Optional.of(node), what, next));
  }

  /** Adds a finding on the whole cluster. */
  void add(Check check, String what, String next) {
    all.add(new Finding(check, Optional.empty(), what, next));
  }

  /** Adds one finding for all problems of a machine; none if the list is empty. */
  void addAll(Check check, String node, List<String> problems, String next) {
    if (!problems.isEmpty()) {
      add(check, node, node + ": " + String.join("; ", problems) + ".", next);
    }
  }

  /** Whether one of the checks has a finding on the machine. */
  boolean found(String node, Check... checks) {
    return all.stream()
        .anyMatch(
            finding ->
                finding.node().filter(node::equals).isPresent()
                    && Arrays.asList(checks).contains(finding.check()));
  }

  /** Whether one of the checks has a finding. */
  boolean found(Check... checks) {
    return all.stream().anyMatch(finding -> Arrays.asList(checks).contains(finding.check()));
  }

  /** Whether there are no findings. */
  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether a finding means that clients cannot write. */
  boolean noWrites() {
    return all.stream().anyMatch(finding -> finding.check().effect() == Effect.NO_WRITES);
  }

  /** All findings, the most serious check first, then in the description's order of nodes. */
  List<Finding> inOrder(Cluster cluster) {
    List<String> names = cluster.nodes().stream().map(Node::name).toList();
    return all.stream()
        .sorted(
            Comparator.comparing(Finding::check)
                .thenComparing(finding -> finding.node().map(names::indexOf).orElse(-1)))
        .toList();
  }
}
