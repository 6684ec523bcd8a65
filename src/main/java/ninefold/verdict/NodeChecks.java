package ninefold.verdict;

import java.util.Map;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Node;

/** Checks that each machine answers, and that it is the machine that the description names. */
final class NodeChecks {
  private NodeChecks() {}

  static void run(Cluster cluster, Map<String, Answer> answers, Findings findings) {
    for (Node node : cluster.nodes()) {
      Answer answer =
          Optional.ofNullable(answers.get(node.name()))
              .orElse(new Answer.Silent("it was not asked"));
      if (answer instanceof Answer.Silent silent) {
        findings.add(
            Check.NODE_SILENT,
            node.name(),
            "%s does not answer: %s.".formatted(node.name(), silent.reason()),
            "check that it is switched on and reachable by ssh; docs/operations/lost-node.md");
      } else if (answer instanceof Answer.Received received
          && !ClusterFacts.isItself(cluster, node, received)) {
        findings.add(
            Check.NODE_OTHER,
            node.name(),
            "The machine at the address of %s is %s of cluster %s."
                .formatted(node.name(), received.facts().node(), received.facts().cluster()),
            "correct the node's address in the description, or the machine's address");
      }
    }
  }
}
