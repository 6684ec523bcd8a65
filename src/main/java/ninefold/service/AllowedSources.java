package ninefold.service;

import java.util.List;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * The addresses and networks from which a service may be reached: nodes by their roles, and the
 * networks that the description names.
 */
final class AllowedSources {
  private AllowedSources() {}

  /** Returns the addresses of the nodes that have at least one of the roles. */
  static List<String> nodes(Cluster cluster, Role... roles) {
    return cluster.nodes().stream()
        .filter(node -> Stream.of(roles).anyMatch(node::is))
        .map(Node::address)
        .toList();
  }

  /** Returns the networks of applications; the cluster's own network if none is described. */
  static List<String> applications(Cluster cluster) {
    var networks = cluster.firewall().applications();
    return networks.isEmpty() ? List.of(cluster.network().cidr()) : networks;
  }

  /** Returns the networks of operators, who may open the statistics page. */
  static List<String> operators(Cluster cluster) {
    return cluster.operators();
  }

  /** Returns the sources of both lists without duplicates. */
  static List<String> both(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).distinct().toList();
  }
}
