package ninefold.service;

import java.util.List;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;

/** Who reaches a service: machines by their roles, and the networks that the description names. */
final class AllowedSources {
  private AllowedSources() {}

  /** The addresses of the machines that have one of the roles. */
  static List<String> nodes(Cluster cluster, Role... roles) {
    return cluster.nodes().stream()
        .filter(node -> Stream.of(roles).anyMatch(node::is))
        .map(Node::address)
        .toList();
  }

  /** The networks of applications. */
  static List<String> applications(Cluster cluster) {
    var networks = cluster.firewall().applications();
    return networks.isEmpty() ? List.of(cluster.network().cidr()) : networks;
  }

  /** The networks of operators, who look at statistics. */
  static List<String> operators(Cluster cluster) {
    return cluster.operators();
  }

  /** All of both, each once. */
  static List<String> both(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).distinct().toList();
  }
}
