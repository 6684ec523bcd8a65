package ninefold.verdict;

import java.util.Map;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Node;

/** Whether each machine answers, and as itself. */
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
            "is it switched on, and does ssh reach it? docs/operations/lost-node.md");
      } else if (answer instanceof Answer.Told told
          && !ClusterFacts.isItself(cluster, node, told)) {
        findings.add(
            Check.NODE_OTHER,
            node.name(),
            "%s answers as %s of cluster %s."
                .formatted(node.name(), told.facts().node(), told.facts().cluster()),
            "compare the node's address in the description with the machine");
      }
    }
  }
}
