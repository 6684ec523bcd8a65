package ninefold.command;

import java.util.List;
import java.util.Optional;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * The database nodes at the beginning of a restore.
 *
 * @param leader the leader, if its machine answers
 * @param first the node to restore first, which leads afterwards
 * @param answering the nodes that answer
 * @param silent the other nodes
 */
record RestoreNodes(
    Optional<String> leader, String first, List<String> answering, List<String> silent) {

  /** Makes immutable copies. */
  RestoreNodes {
    answering = List.copyOf(answering);
    silent = List.copyOf(silent);
  }

  /** The nodes of an observation that {@link RestoreRefusals} does not refuse. */
  static RestoreNodes of(Observation observation) {
    var nodes = observation.cluster().nodes(Role.POSTGRES);
    var answering =
        nodes.stream().map(Node::name).filter(it -> observation.facts(it).isPresent()).toList();
    var silent = nodes.stream().map(Node::name).filter(it -> !answering.contains(it)).toList();
    var leader = observation.verdict().overview().leader().filter(answering::contains);
    return new RestoreNodes(
        leader, leader.or(() -> candidate(observation)).orElseThrow(), answering, silent);
  }

  /** The node to restore first if there is no leader: one that answers and may lead. */
  static Optional<String> candidate(Observation observation) {
    return observation.cluster().nodes(Role.POSTGRES).stream()
        .filter(node -> observation.facts(node.name()).isPresent())
        .filter(node -> !node.tags().nofailover() && node.tags().failoverPriority() > 0)
        .map(Node::name)
        .findFirst();
  }
}
