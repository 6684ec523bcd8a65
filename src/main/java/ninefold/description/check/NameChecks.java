package ninefold.description.check;

import java.util.Set;
import ninefold.description.Cluster;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether names have no special meaning in the files that contain them. */
final class NameChecks {
  /** Words that YAML 1.1, which Patroni uses for its configuration, reads as booleans or null. */
  private static final Set<String> YAML_WORDS =
      Set.of("yes", "no", "on", "off", "true", "false", "null");

  /** The section of pgBackRest's configuration that applies to all stanzas. */
  private static final String ALL_STANZAS = "global";

  private NameChecks() {}

  static void run(Cluster cluster, Problems problems) {
    word("name", cluster.name(), problems);
    for (int i = 0; i < cluster.nodes().size(); i++) {
      word(Problem.at("nodes", i) + ".name", cluster.nodes().get(i).name(), problems);
    }
    if (cluster.stanza().equals(ALL_STANZAS)) {
      String path = cluster.name().equals(ALL_STANZAS) ? "name" : "backup.stanza";
      problems.add(
          path,
          ALL_STANZAS + " is reserved in pgBackRest",
          "choose a different name for the stanza");
    }
  }

  /**
   * The names are in the pools' certificates. A node's name there would let one node pose as
   * another.
   */
  static void clients(Cluster cluster, Problems problems) {
    for (int i = 0; i < cluster.network().names().size(); i++) {
      String name = cluster.network().names().get(i);
      if (cluster.nodes().stream().anyMatch(node -> node.name().equals(name))) {
        problems.add(
            Problem.at("network.names", i),
            name + " is a node's name",
            "write names under which clients reach the virtual address, such as db.example.net");
      }
    }
  }

  private static void word(String path, String name, Problems problems) {
    if (YAML_WORDS.contains(name)) {
      problems.add(
          path, name + " is a boolean or null in Patroni's YAML", "choose a different name");
    }
  }
}
