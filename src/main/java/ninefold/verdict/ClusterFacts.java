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

/** The description, and what the machines said that answered as themselves. */
final class ClusterFacts {
  private final Cluster cluster;
  private final Map<String, Answer.Told> told = new LinkedHashMap<>();
  private final Optional<PatroniFacts.View> view;
  private final List<String> primaries;
  private final Optional<String> leader;
  private final boolean writes;

  /**
   * Sorts the answers.
   *
   * @param cluster the description
   * @param answers answers by node
   */
  ClusterFacts(Cluster cluster, Map<String, Answer> answers) {
    this.cluster = cluster;
    for (Node node : cluster.nodes()) {
      if (answers.get(node.name()) instanceof Answer.Told it && isItself(cluster, node, it)) {
        told.put(node.name(), it);
      }
    }
    primaries =
        toldNodes(Role.POSTGRES)
            .filter(name -> of(name, Facts::postgresql).filter(it -> !it.recovery()).isPresent())
            .toList();
    view =
        Stream.concat(primaries.stream(), toldNodes(Role.POSTGRES))
            .flatMap(name -> of(name, Facts::patroni).stream())
            .flatMap(patroni -> patroni.members().known().stream())
            .findFirst();
    leader =
        view.isPresent() ? view.flatMap(ClusterFacts::leaderOf) : primaries.stream().findFirst();
    writes =
        toldNodes(Role.BALANCER)
            .flatMap(name -> of(name, Facts::path).stream())
            .anyMatch(path -> path.write().known().isPresent());
  }

  /** Whether the machine was set up as that node of that cluster. */
  static boolean isItself(Cluster cluster, Node node, Answer.Told told) {
    return told.facts().node().equals(node.name()) && told.facts().cluster().equals(cluster.name());
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

  /** The answers of those that answered as themselves, in the description's order. */
  Map<String, Answer.Told> told() {
    return told;
  }

  /** Whether the machine gave no answer, or another machine's. */
  boolean silent(String node) {
    return !told.containsKey(node);
  }

  /** The names of those that answered, by role. */
  Stream<String> toldNodes(Role role) {
    return cluster.nodes(role).stream().map(Node::name).filter(told::containsKey);
  }

  /** Whether nothing can be known: no database node and no member of etcd answered. */
  boolean nothingKnown() {
    return toldNodes(Role.POSTGRES).findAny().isEmpty() && toldNodes(Role.ETCD).findAny().isEmpty();
  }

  /** What a machine said. */
  Optional<Facts> facts(String node) {
    return Optional.ofNullable(told.get(node)).map(Answer.Told::facts);
  }

  /** A section of what a machine said, if it was collected. */
  <T> Optional<T> of(String node, Function<Facts, FactsSection<T>> section) {
    return facts(node).flatMap(facts -> section.apply(facts).known());
  }

  /** A part of a section of what a machine said, if it was collected. */
  <S, T> Optional<T> of(
      String node, Function<Facts, FactsSection<S>> section, Function<S, FactsSection<T>> part) {
    return of(node, section).flatMap(it -> part.apply(it).known());
  }

  /** The cluster as Patroni sees it; a leader's view is preferred. */
  Optional<PatroniFacts.View> view() {
    return view;
  }

  /** The member of that name, as Patroni sees it. */
  Optional<PatroniFacts.Member> member(String name) {
    return view.stream()
        .flatMap(it -> it.members().stream())
        .filter(member -> member.name().equals(name))
        .findFirst();
  }

  /** The nodes whose PostgreSQL is in no recovery. */
  List<String> primaries() {
    return primaries;
  }

  /** Who leads: by Patroni, or by PostgreSQL where Patroni says nothing. */
  Optional<String> leader() {
    return leader;
  }

  /** Whether the node leads. */
  boolean leads(String node) {
    return leader.filter(node::equals).isPresent();
  }

  /** PostgreSQL on the leader, if it told and does lead. */
  Optional<PostgresqlFacts> leading() {
    return leader.flatMap(name -> of(name, Facts::postgresql)).filter(it -> !it.recovery());
  }

  /** The leader's PostgreSQL; another one's if that didn't tell. */
  Optional<PostgresqlFacts> anyPostgresql() {
    return leading()
        .or(
            () ->
                toldNodes(Role.POSTGRES)
                    .flatMap(name -> of(name, Facts::postgresql).stream())
                    .findFirst());
  }

  /** What the leader sends to a replica: the best of its streams. */
  Optional<PostgresqlFacts.Replica> stream(String replica) {
    return leading().flatMap(it -> it.replicas().known()).stream()
        .flatMap(List::stream)
        .filter(it -> it.name().equals(replica))
        .reduce((one, other) -> streams(other) ? other : one);
  }

  /** How far a replica is behind the leader, bytes; empty if nobody knows. */
  Optional<Long> lag(String replica) {
    return leading()
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

  /** Whether the leader sends new WAL to the replica as it is written. */
  static boolean streams(PostgresqlFacts.Replica replica) {
    return replica.state().equals("streaming");
  }

  /** The balancers that hold the virtual address. */
  List<String> holders() {
    return toldNodes(Role.BALANCER)
        .filter(node -> of(node, Facts::keepalived).filter(KeepalivedFacts::holds).isPresent())
        .toList();
  }

  /** Whether a write through the virtual address succeeded. */
  boolean writes() {
    return writes;
  }
}
