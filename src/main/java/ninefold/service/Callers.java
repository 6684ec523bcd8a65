package ninefold.service;

import java.util.List;
import java.util.stream.Stream;
import ninefold.cluster.Cluster;
import ninefold.cluster.Node;
import ninefold.cluster.Role;

/** Who reaches a service: machines by their roles, and the networks that the description names. */
final class Callers {
  private Callers() {}

  /** The addresses of the machines that have one of the roles. */
  static List<String> nodes(Cluster cluster, Role... roles) {
    return cluster.nodes().stream()
        .filter(node -> Stream.of(roles).anyMatch(node::is))
        .map(Node::address)
        .toList();
  }

  /** The networks of applications. */
  static List<String> applications(Cluster cluster) {
    return orOwn(cluster.firewall().applications(), cluster);
  }

  /** The networks of operators, who look at statistics. */
  static List<String> operators(Cluster cluster) {
    return orOwn(cluster.firewall().operators(), cluster);
  }

  /** All of both, each once. */
  static List<String> both(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).distinct().toList();
  }

  private static List<String> orOwn(List<String> networks, Cluster cluster) {
    return networks.isEmpty() ? List.of(cluster.network().cidr()) : networks;
  }
}
