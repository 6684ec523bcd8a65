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

/** Draws the picture of a cluster from what its machines said. */
final class OverviewBuilder {
  private static final int PERCENT = 100;

  private final ClusterFacts situation;

  private OverviewBuilder(ClusterFacts situation) {
    this.situation = situation;
  }

  static ClusterOverview picture(ClusterFacts situation) {
    OverviewBuilder painter = new OverviewBuilder(situation);
    Optional<PathFacts.Read> read =
        situation
            .toldNodes(Role.BALANCER)
            .flatMap(node -> situation.of(node, Facts::path, PathFacts::read).stream())
            .findFirst();
    return new ClusterOverview(
        situation.leader(),
        situation.view().filter(PatroniFacts.View::paused).isPresent(),
        situation.view().flatMap(PatroniFacts.View::scheduledSwitchover),
        painter.members(),
        situation.holders(),
        situation
            .toldNodes(Role.BALANCER)
            .flatMap(node -> situation.of(node, Facts::path, PathFacts::write).stream())
            .findFirst()
            .map(write -> duration(write.seconds())),
        read.map(it -> duration(it.seconds())),
        read.flatMap(PathFacts.Read::from).map(painter::named),
        painter.balancers(),
        painter.pools(),
        painter.etcd(),
        new BackupOverviewBuilder(situation).backups(),
        painter.certificates());
  }

  static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** The node at an address; the address if there is none. */
  private String named(String address) {
    return situation.cluster().nodes().stream()
        .filter(node -> node.address().equals(address))
        .map(Node::name)
        .findFirst()
        .orElse(address);
  }

  private List<ClusterOverview.Member> members() {
    List<String> names =
        new ArrayList<>(situation.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList());
    situation.view().stream()
        .flatMap(view -> view.members().stream())
        .map(PatroniFacts.Member::name)
        .filter(name -> !names.contains(name))
        .forEach(names::add);
    return names.stream().map(this::member).toList();
  }

  private ClusterOverview.Member member(String name) {
    Optional<PatroniFacts.Member> member = situation.member(name);
    Optional<PostgresqlFacts> own = situation.of(name, Facts::postgresql);
    boolean leads = situation.leads(name);
    String unknown = situation.silent(name) ? "silent" : "?";
    return new ClusterOverview.Member(
        name,
        member
            .map(PatroniFacts.Member::role)
            .or(() -> own.map(it -> it.recovery() ? "replica" : "leader"))
            .orElse("?"),
        member.map(PatroniFacts.Member::state).orElse(unknown),
        member
            .flatMap(PatroniFacts.Member::timeline)
            .or(() -> own.map(PostgresqlFacts::timeline))
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty()),
        leads
            ? OptionalLong.empty()
            : situation.lag(name).map(OptionalLong::of).orElse(OptionalLong.empty()),
        leads ? Optional.empty() : situation.stream(name).map(PostgresqlFacts.Replica::sync),
        member.flatMap(PatroniFacts.Member::pendingRestart).orElse(false));
  }

  private List<ClusterOverview.Balancer> balancers() {
    return situation.cluster().nodes(Role.BALANCER).stream()
        .map(
            node -> {
              Optional<HaproxyFacts> haproxy = situation.of(node.name(), Facts::haproxy);
              return new ClusterOverview.Balancer(
                  node.name(),
                  haproxy.isPresent(),
                  situation.holders().contains(node.name()),
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
    return situation.cluster().nodes(Role.POSTGRES).stream()
        .map(
            node -> {
              Optional<PgBouncerFacts> pool = situation.of(node.name(), Facts::pgbouncer);
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
    return situation.cluster().nodes(Role.ETCD).stream()
        .map(
            node -> {
              Optional<EtcdFacts> etcd = situation.of(node.name(), Facts::etcd);
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
    return situation.told().keySet().stream()
        .flatMap(
            node ->
                situation.of(node, Facts::certificates).stream()
                    .flatMap(
                        all -> all.stream().min(comparingDouble(CertificateFacts::ends)).stream())
                    .map(first -> certificate(node, first)))
        .toList();
  }

  private ClusterOverview.Certificate certificate(String node, CertificateFacts first) {
    double days = CertificateChecks.daysLeft(first, situation.facts(node).orElseThrow());
    return new ClusterOverview.Certificate(node, first.service(), (long) Math.floor(days));
  }
}
