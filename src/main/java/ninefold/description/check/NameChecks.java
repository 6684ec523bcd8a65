package ninefold.description.check;

import java.util.Set;
import ninefold.description.Cluster;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether names mean nothing else where they are written down. */
final class NameChecks {
  /**
   * What YAML 1.1, which Patroni reads its configuration by, takes for a truth value or nothing.
   */
  private static final Set<String> YAML_WORDS =
      Set.of("yes", "no", "on", "off", "true", "false", "null");

  /** The section of pgBackRest's configuration that counts for all stanzas. */
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
          path, ALL_STANZAS + " is no stanza's name in pgBackRest", "choose another, or set one");
    }
  }

  /** A pool's certificate holds them; a node's name there would let one node pass for another. */
  static void clients(Cluster cluster, Problems problems) {
    for (int i = 0; i < cluster.network().names().size(); i++) {
      String name = cluster.network().names().get(i);
      if (cluster.nodes().stream().anyMatch(node -> node.name().equals(name))) {
        problems.add(
            Problem.at("network.names", i),
            name + " is a node's name",
            "write names by which clients dial the virtual address, as in db.example.net");
      }
    }
  }

  private static void word(String path, String name, Problems problems) {
    if (YAML_WORDS.contains(name)) {
      problems.add(path, name + " is no name but a value in Patroni's YAML", "choose another name");
    }
  }
}
