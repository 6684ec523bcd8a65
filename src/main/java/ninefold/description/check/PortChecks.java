package ninefold.description.check;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import ninefold.description.BalancingSettings;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether no two services on a node use the same port. */
final class PortChecks {
  /** A port, the setting it comes from, and the roles whose nodes listen on it. */
  private record Port(String path, int number, Set<Role> roles) {
    private Port(String path, int number, Role first, Role... others) {
      this(path, number, EnumSet.of(first, others));
    }
  }

  private PortChecks() {}

  static void run(Cluster cluster, Problems problems) {
    List<Port> ports = ports(cluster);
    operators(cluster.firewall().operatorPorts(), ports, problems);
    for (int i = 1; i < ports.size(); i++) {
      for (Port before : ports.subList(0, i)) {
        compare(before, ports.get(i), cluster.nodes(), problems);
      }
    }
  }

  /** Refuses ports of services in {@code operatorPorts}: it must not open them to operators. */
  private static void operators(List<Integer> opened, List<Port> ports, Problems problems) {
    for (int i = 0; i < opened.size(); i++) {
      int number = opened.get(i);
      String path = Problem.at("firewall.operatorPorts", i);
      ports.stream()
          .filter(port -> port.number() == number)
          .findFirst()
          .ifPresent(
              port ->
                  problems.add(
                      path,
                      "%d is %s, whose access the stack already manages"
                          .formatted(number, port.path()),
                      "remove it"));
    }
  }

  private static void compare(Port one, Port other, List<Node> nodes, Problems problems) {
    if (one.number() != other.number()) {
      return;
    }
    Optional<Node> both =
        nodes.stream().filter(node -> listens(node, one) && listens(node, other)).findFirst();
    both.ifPresent(
        node ->
            problems.add(
                other.path(),
                "%d is also %s, and %s uses both".formatted(one.number(), one.path(), node.name()),
                "give them different ports"));
  }

  private static boolean listens(Node node, Port port) {
    return node.roles().stream().anyMatch(port.roles()::contains);
  }

  private static List<Port> ports(Cluster cluster) {
    return List.of(
        new Port("access.port", cluster.access().port(), Role.POSTGRES, Role.values()),
        new Port("etcd.clientPort", cluster.etcd().clientPort(), Role.ETCD),
        new Port("etcd.peerPort", cluster.etcd().peerPort(), Role.ETCD),
        new Port("postgresql.port", cluster.postgresql().port(), Role.POSTGRES),
        new Port("postgresql.patroniPort", cluster.postgresql().patroniPort(), Role.POSTGRES),
        new Port("pooling.port", cluster.pooling().port(), Role.POSTGRES),
        new Port("balancing.readWritePort", cluster.balancing().readWritePort(), Role.BALANCER),
        new Port("balancing.readOnlyPort", cluster.balancing().readOnlyPort(), Role.BALANCER),
        new Port("balancing.statisticsPort", cluster.balancing().statisticsPort(), Role.BALANCER),
        new Port(
            "HAProxy's own port " + BalancingSettings.ALIVE_PORT,
            BalancingSettings.ALIVE_PORT,
            Role.BALANCER),
        new Port("backup.port", cluster.backup().port(), Role.POSTGRES, Role.REPOSITORY));
  }
}
