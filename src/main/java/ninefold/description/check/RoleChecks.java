package ninefold.description.check;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ninefold.description.Cluster;
import ninefold.description.Durability;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether there are enough nodes of each role, and at least two possible leaders. */
final class RoleChecks {
  private static final Node.Tags NO_TAGS = new Node.Tags(false, false, false, false, 1);

  private RoleChecks() {}

  static void run(Cluster cluster, Problems problems) {
    names(cluster.nodes(), problems);
    tags(cluster.nodes(), problems);
    etcd(cluster.nodes(Role.ETCD).size(), problems);
    if (cluster.nodes(Role.BALANCER).isEmpty()) {
      problems.add("nodes", "no node is a balancer", "give two nodes the role balancer");
    }
    int repositories = cluster.nodes(Role.REPOSITORY).size();
    if (repositories != 1) {
      problems.add(
          "nodes",
          repositories + " nodes have the role repository",
          "give exactly one node the role repository");
    }
    separateRepository(cluster.nodes(), problems);
    List<Node> postgres = cluster.nodes(Role.POSTGRES);
    if (postgres.size() < 2) {
      problems.add(
          "nodes",
          postgres.isEmpty() ? "no node runs PostgreSQL" : "only one node runs PostgreSQL",
          "give three nodes the role postgres (at least two)");
    } else {
      leaders(cluster.durability(), postgres, problems);
    }
  }

  /**
   * The repository must not run PostgreSQL: its pgBackRest can decrypt backups, and that of a
   * database node must not be able to.
   */
  private static void separateRepository(List<Node> nodes, Problems problems) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).is(Role.POSTGRES) && nodes.get(i).is(Role.REPOSITORY)) {
        problems.add(
            Problem.at("nodes", i) + ".roles",
            nodes.get(i).name() + " is the repository and also runs PostgreSQL",
            "give the role repository to a node without PostgreSQL, so that backups are not lost"
                + " with the data");
      }
    }
  }

  private static void names(List<Node> nodes, Problems problems) {
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      String name = nodes.get(i).name();
      Integer before = seen.putIfAbsent(name, i);
      if (before != null) {
        problems.add(
            Problem.at("nodes", i) + ".name",
            Problem.at("nodes", before) + " is also named " + name,
            "give each node its own name");
      }
    }
  }

  private static void tags(List<Node> nodes, Problems problems) {
    for (int i = 0; i < nodes.size(); i++) {
      if (!nodes.get(i).is(Role.POSTGRES) && !nodes.get(i).tags().equals(NO_TAGS)) {
        problems.add(
            Problem.at("nodes", i) + ".tags",
            nodes.get(i).name() + " does not run PostgreSQL, so its tags have no effect",
            "remove the tags, or add the role postgres");
      }
    }
  }

  private static void etcd(int members, Problems problems) {
    String remedy = "give three nodes the role etcd, or five";
    if (members == 0) {
      problems.add("nodes", "no node is a member of etcd", remedy);
    } else if (members == 1) {
      problems.add("nodes", "etcd has only one member, and the cluster stops without it", remedy);
    } else if (members % 2 == 0) {
      String found = "etcd has %d members, which tolerate no more failures than %d";
      problems.add("nodes", found.formatted(members, members - 1), remedy);
    } else if (members > 5) {
      problems.add(
          "nodes", "etcd has " + members + " members, which slow down every write", remedy);
    }
  }

  private static void leaders(Durability durability, List<Node> postgres, Problems problems) {
    List<Node> leaders = postgres.stream().filter(RoleChecks::mayLead).toList();
    if (leaders.size() < 2) {
      problems.add(
          "nodes",
          leaders.isEmpty()
              ? "no node with PostgreSQL may become the leader"
              : "only "
                  + leaders.get(0).name()
                  + " may become the leader, so no node can take over",
          "remove nofailover or failoverPriority: 0 from a node");
    } else if (durability != Durability.ASYNC
        && leaders.stream().filter(node -> !node.tags().nosync()).count() < 2) {
      problems.add(
          "nodes",
          "nosync leaves fewer than two nodes that may lead and be synchronous",
          "remove nosync from a node, or set durability to async");
    }
  }

  private static boolean mayLead(Node node) {
    return !node.tags().nofailover() && node.tags().failoverPriority() > 0;
  }
}
