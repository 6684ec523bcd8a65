package ninefold.verdict;

import static java.util.Comparator.comparingDouble;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import ninefold.description.Node;
import ninefold.description.Role;

/** Builds the overview of a cluster from its machines' facts. */
final class OverviewBuilder {
  private static final int PERCENT = 100;

  private final ClusterFacts clusterFacts;

  private OverviewBuilder(ClusterFacts clusterFacts) {
    this.clusterFacts = clusterFacts;
  }

  static ClusterOverview build(ClusterFacts clusterFacts) {
    OverviewBuilder builder = new OverviewBuilder(clusterFacts);
    Optional<PathFacts.Read> read =
        clusterFacts
            .answeringNodes(Role.BALANCER)
            .flatMap(node -> clusterFacts.of(node, Facts::path, PathFacts::read).stream())
            .findFirst();
    return new ClusterOverview(
        clusterFacts.leader(),
        clusterFacts.view().filter(PatroniFacts.View::paused).isPresent(),
        clusterFacts.view().flatMap(PatroniFacts.View::scheduledSwitchover),
        builder.members(),
        clusterFacts.holders(),
        clusterFacts
            .answeringNodes(Role.BALANCER)
            .flatMap(node -> clusterFacts.of(node, Facts::path, PathFacts::write).stream())
            .findFirst()
            .map(write -> duration(write.seconds())),
        read.map(it -> duration(it.seconds())),
        read.flatMap(PathFacts.Read::from).map(builder::nodeName),
        builder.balancers(),
        builder.pools(),
        builder.etcd(),
        new BackupOverviewBuilder(clusterFacts).backups(),
        builder.certificates());
  }

  static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** The name of the node with this address; the address itself if there is none. */
  private String nodeName(String address) {
    return clusterFacts.cluster().nodes().stream()
        .filter(node -> node.address().equals(address))
        .map(Node::name)
        .findFirst()
        .orElse(address);
  }

  private List<ClusterOverview.Member> members() {
    List<String> names =
        new ArrayList<>(
            clusterFacts.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList());
    clusterFacts.view().stream()
        .flatMap(view -> view.members().stream())
        .map(PatroniFacts.Member::name)
        .filter(name -> !names.contains(name))
        .forEach(names::add);
    return names.stream().map(this::member).toList();
  }

  private ClusterOverview.Member member(String name) {
    Optional<PatroniFacts.Member> member = clusterFacts.member(name);
    Optional<PostgresqlFacts> postgresql = clusterFacts.of(name, Facts::postgresql);
    boolean leads = clusterFacts.leads(name);
    String unknown = clusterFacts.silent(name) ? "silent" : "?";
    return new ClusterOverview.Member(
        name,
        member
            .map(PatroniFacts.Member::role)
            .or(() -> postgresql.map(it -> it.recovery() ? "replica" : "leader"))
            .orElse("?"),
        member.map(PatroniFacts.Member::state).orElse(unknown),
        member
            .flatMap(PatroniFacts.Member::timeline)
            .or(() -> postgresql.map(PostgresqlFacts::timeline))
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty()),
        leads
            ? OptionalLong.empty()
            : clusterFacts.lag(name).map(OptionalLong::of).orElse(OptionalLong.empty()),
        leads ? Optional.empty() : clusterFacts.stream(name).map(PostgresqlFacts.Replica::sync),
        member.flatMap(PatroniFacts.Member::pendingRestart).orElse(false));
  }

  private List<ClusterOverview.Balancer> balancers() {
    return clusterFacts.cluster().nodes(Role.BALANCER).stream()
        .map(
            node -> {
              Optional<HaproxyFacts> haproxy = clusterFacts.of(node.name(), Facts::haproxy);
              return new ClusterOverview.Balancer(
                  node.name(),
                  haproxy.isPresent(),
                  clusterFacts.holders().contains(node.name()),
                  haproxy.flatMap(it -> it.servers().known()).orElse(List.of()).stream()
                      .map(
                          it ->
                              new ClusterOverview.Server(
                                  it.backend(), it.name(), it.up(), it.sessions()))
                      .toList(),
                  haproxy.map(HaproxyFacts::sessions).orElse(0),
                  haproxy.map(HaproxyFacts::limit).orElse(0));
            })
        .toList();
  }

  private List<ClusterOverview.Pool> pools() {
    return clusterFacts.cluster().nodes(Role.POSTGRES).stream()
        .map(
            node -> {
              Optional<PgBouncerFacts> pool = clusterFacts.of(node.name(), Facts::pgbouncer);
              List<PgBouncerFacts.Pool> pools =
                  pool.flatMap(it -> it.pools().known()).orElse(List.of());
              return new ClusterOverview.Pool(
                  node.name(),
                  pool.flatMap(it -> it.answers().known()).orElse(false),
                  pools.stream().mapToInt(PgBouncerFacts.Pool::waiting).sum(),
                  duration(
                      pools.stream().mapToDouble(PgBouncerFacts.Pool::longest).max().orElse(0)));
            })
        .toList();
  }

  private List<ClusterOverview.EtcdMember> etcd() {
    return clusterFacts.cluster().nodes(Role.ETCD).stream()
        .map(
            node -> {
              Optional<EtcdFacts> etcd = clusterFacts.of(node.name(), Facts::etcd);
              return new ClusterOverview.EtcdMember(
                  node.name(),
                  etcd.isPresent(),
                  etcd.filter(it -> it.knownLeader().equals(Optional.of(it.id()))).isPresent(),
                  etcd.map(it -> OptionalLong.of(it.databaseSize())).orElse(OptionalLong.empty()),
                  etcd.filter(it -> it.quota() > 0)
                      .map(it -> OptionalInt.of(percent(it.databaseSize(), it.quota())))
                      .orElse(OptionalInt.empty()));
            })
        .toList();
  }

  private static int percent(long part, long whole) {
    return (int) (part * PERCENT / whole);
  }

  private List<ClusterOverview.Certificate> certificates() {
    return clusterFacts.answers().keySet().stream()
        .flatMap(
            node ->
                clusterFacts.of(node, Facts::certificates).stream()
                    .flatMap(
                        all -> all.stream().min(comparingDouble(CertificateFacts::ends)).stream())
                    .map(first -> certificate(node, first)))
        .toList();
  }

  private ClusterOverview.Certificate certificate(String node, CertificateFacts first) {
    double days = CertificateChecks.daysLeft(first, clusterFacts.facts(node).orElseThrow());
    return new ClusterOverview.Certificate(node, first.service(), (long) Math.floor(days));
  }
}
