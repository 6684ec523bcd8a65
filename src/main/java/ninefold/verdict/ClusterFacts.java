package ninefold.verdict;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;

/** The description, and the facts of the machines that answered with the right identity. */
final class ClusterFacts {
  private final Cluster cluster;
  private final Map<String, Answer.Received> received = new LinkedHashMap<>();
  private final Optional<PatroniFacts.View> view;
  private final List<String> primaries;
  private final Optional<String> leader;
  private final boolean writes;

  /**
   * Evaluates the answers.
   *
   * @param cluster the description
   * @param answers the answers, by node
   */
  ClusterFacts(Cluster cluster, Map<String, Answer> answers) {
    this.cluster = cluster;
    for (Node node : cluster.nodes()) {
      if (answers.get(node.name()) instanceof Answer.Received it && isItself(cluster, node, it)) {
        received.put(node.name(), it);
      }
    }
    primaries =
        answeringNodes(Role.POSTGRES)
            .filter(name -> of(name, Facts::postgresql).filter(it -> !it.recovery()).isPresent())
            .toList();
    view =
        Stream.concat(primaries.stream(), answeringNodes(Role.POSTGRES))
            .flatMap(name -> of(name, Facts::patroni).stream())
            .flatMap(patroni -> patroni.members().known().stream())
            .findFirst();
    leader =
        view.isPresent() ? view.flatMap(ClusterFacts::leaderOf) : primaries.stream().findFirst();
    writes =
        answeringNodes(Role.BALANCER)
            .flatMap(name -> of(name, Facts::path).stream())
            .anyMatch(path -> path.write().known().isPresent());
  }

  /** Whether the machine was set up as this node of this cluster. */
  static boolean isItself(Cluster cluster, Node node, Answer.Received received) {
    return received.facts().node().equals(node.name())
        && received.facts().cluster().equals(cluster.name());
  }

  private static Optional<String> leaderOf(PatroniFacts.View view) {
    return view.members().stream()
        .filter(PatroniFacts.Member::leads)
        .map(PatroniFacts.Member::name)
        .findFirst();
  }

  Cluster cluster() {
    return cluster;
  }

  /** The answers with the right identity, by node, in the description's order. */
  Map<String, Answer.Received> answers() {
    return received;
  }

  /** Whether the machine did not answer, or a different machine answered. */
  boolean silent(String node) {
    return !received.containsKey(node);
  }

  /** The names of the nodes of a role that answered. */
  Stream<String> answeringNodes(Role role) {
    return cluster.nodes(role).stream().map(Node::name).filter(received::containsKey);
  }

  /** Whether the state is unknown: no database node and no etcd node answered. */
  boolean nothingKnown() {
    return answeringNodes(Role.POSTGRES).findAny().isEmpty()
        && answeringNodes(Role.ETCD).findAny().isEmpty();
  }

  /** The facts of a machine, if it answered. */
  Optional<Facts> facts(String node) {
    return Optional.ofNullable(received.get(node)).map(Answer.Received::facts);
  }

  /** A section of a machine's facts, if it was collected. */
  <T> Optional<T> of(String node, Function<Facts, FactsSection<T>> section) {
    return facts(node).flatMap(facts -> section.apply(facts).known());
  }

  /** A part of a section of a machine's facts, if it was collected. */
  <S, T> Optional<T> of(
      String node, Function<Facts, FactsSection<S>> section, Function<S, FactsSection<T>> part) {
    return of(node, section).flatMap(it -> part.apply(it).known());
  }

  /** Patroni's view of the cluster, from the leader if possible. */
  Optional<PatroniFacts.View> view() {
    return view;
  }

  /** The member of that name in Patroni's view. */
  Optional<PatroniFacts.Member> member(String name) {
    return view.stream()
        .flatMap(it -> it.members().stream())
        .filter(member -> member.name().equals(name))
        .findFirst();
  }

  /** The nodes whose PostgreSQL is not in recovery, so that it accepts writes. */
  List<String> primaries() {
    return primaries;
  }

  /** The leader according to Patroni; if Patroni does not answer, according to PostgreSQL. */
  Optional<String> leader() {
    return leader;
  }

  /** Whether the node is the leader. */
  boolean leads(String node) {
    return leader.filter(node::equals).isPresent();
  }

  /** PostgreSQL on the leader, if it answers and accepts writes. */
  Optional<PostgresqlFacts> leaderPostgresql() {
    return leader.flatMap(name -> of(name, Facts::postgresql)).filter(it -> !it.recovery());
  }

  /** PostgreSQL on the leader; if that does not answer, on a replica. */
  Optional<PostgresqlFacts> anyPostgresql() {
    return leaderPostgresql()
        .or(
            () ->
                answeringNodes(Role.POSTGRES)
                    .flatMap(name -> of(name, Facts::postgresql).stream())
                    .findFirst());
  }

  /** The replication connection from the leader to a replica; a streaming one is preferred. */
  Optional<PostgresqlFacts.Replica> stream(String replica) {
    return leaderPostgresql().flatMap(it -> it.replicas().known()).stream()
        .flatMap(List::stream)
        .filter(it -> it.name().equals(replica))
        .reduce((one, other) -> streams(other) ? other : one);
  }

  /** A replica's lag behind the leader in bytes; empty if it is not known. */
  Optional<Long> lag(String replica) {
    return leaderPostgresql()
        .flatMap(
            it ->
                stream(replica)
                    .flatMap(PostgresqlFacts.Replica::replayed)
                    .map(replayed -> Math.max(0, it.lsn() - replayed)))
        .or(
            () ->
                member(replica)
                    .map(PatroniFacts.Member::lagBytes)
                    .filter(lag -> lag.isPresent())
                    .map(lag -> lag.getAsLong()));
  }

  /** Whether the replica receives new WAL immediately. */
  static boolean streams(PostgresqlFacts.Replica replica) {
    return replica.state().equals("streaming");
  }

  /** The balancers that have the virtual address. */
  List<String> holders() {
    return answeringNodes(Role.BALANCER)
        .filter(node -> of(node, Facts::keepalived).filter(KeepalivedFacts::holds).isPresent())
        .toList();
  }

  /** Whether a write through the virtual address succeeded. */
  boolean writes() {
    return writes;
  }
}
