package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import ninefold.description.Failover;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Changed settings. The preview must show each change, only the services concerned may restart, in
 * the right order, and no acknowledged write may be lost. The tests depend on their order; the last
 * one restores the lab's own description.
 */
@Tag("settings")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ChangedSettingTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final SecretSearch SECRETS = SecretSearch.ofStack(Map.of());

  @BeforeEach
  void awaitHealthyCluster() {
    CLUSTER.awaitHealthy();
  }

  @Test
  @Order(1)
  void reloadableSettings_restartNothing_cutNoConnection() throws SQLException {
    var changed =
        description(
            "reloads",
            text ->
                text
                    + """

                    postgresql: {parameters: {work_mem: 3333kB}}
                    pooling: {poolSize: 33}
                    balancing: {idleTimeout: 33min}
                    """);
    assertPreviewShows(
        changed, "work_mem: \"3333kB\"", "default_pool_size = 33", "timeout client 33m");
    var before = Footprint.of(LAB, NODES);
    var after = new AtomicReference<Footprint>();
    var serversDown =
        "journalctl -u haproxy -o cat | grep -c ' is DOWN, reason: Layer7 invalid response' || true";
    var down = LAB.ssh("haproxy1", serversDown);
    try (var session =
            DriverManager.getConnection(
                OUTPUTS.jdbcUrl(OUTPUTS.readWrite()), OUTPUTS.jdbcProperties());
        var statement = session.createStatement()) {
      statement.execute("SELECT 1");

      var report = applyWhileWriting("reload of settings", changed, after);

      assertThat(statement.execute("SELECT 1")).as("the session is still open").isTrue();
      assertThat(report.log().errors()).as("errors of the writing client").isEmpty();
      report.requireGapWithin(Target.RELOAD);
    }
    assertThat(LAB.ssh("haproxy1", serversDown))
        .as("the new worker takes the states of the servers over")
        .isEqualTo(down);
    assertThat(before.restarted(after.get())).isEmpty();
    // Patroni too, since the file for the bootstrap of a cluster contains the same settings.
    assertThat(before.reloaded(after.get()))
        .containsExactlyInAnyOrder(
            "postgres1 patroni",
            "postgres2 patroni",
            "postgres3 patroni",
            "postgres1 pgbouncer",
            "postgres2 pgbouncer",
            "postgres3 pgbouncer",
            "haproxy1 haproxy",
            "haproxy2 haproxy");
    assertThat(onAllDatabases("SHOW work_mem")).containsOnly("3333kB");
  }

  /**
   * The change also enables pgaudit, which needs the same restart, and security updates, which need
   * none.
   */
  @Test
  @Order(2)
  void raisedMaxConnections_restartsReplicasThenTheOldLeader() {
    var changed =
        description(
            "more-connections",
            text ->
                text
                    + """

                    postgresql: {maxConnections: 120, audit: 'ddl, role'}
                    packages: {securityUpdates: true}
                    """);
    assertPreviewShows(changed, "max_connections: \"120\"", "pgaudit.log: \"ddl, role\"");
    assertRestartsOnlyPostgresql("raised max_connections", changed, "120", CLUSTER.leader());

    var leader = CLUSTER.leader();
    CLUSTER.sql(leader, "postgres", "CREATE TABLE audited (); DROP TABLE audited");
    CLUSTER.sql(leader, "app", "CREATE TABLE public.seen (); DROP TABLE public.seen");
    assertThat(
            LAB.ssh(
                leader, "journalctl --sync; journalctl -u patroni -o cat --since=-2min -g AUDIT"))
        .contains(
            "DDL,CREATE TABLE,TABLE,public.audited",
            "DDL,DROP TABLE,TABLE,public.audited",
            "DDL,CREATE TABLE,TABLE,public.seen");
    for (var node : NODES) {
      assertThat(LAB.ssh(node, "apt-config dump | grep -E 'Unattended-Upgrade( |::Package)'"))
          .contains("APT::Periodic::Unattended-Upgrade \"1\"", "^postgresql", "^etcd-");
    }
    assertThat(
            LAB.ssh(
                leader,
                Duration.ofMinutes(1),
                "unattended-upgrade --dry-run --debug 2>&1 | grep -i blacklist"))
        .contains("^postgresql", "^patroni$", "^pgbouncer$");
  }

  /** A replica must not have fewer connections than its leader, so the leader restarts first. */
  @Test
  @Order(3)
  void loweredMaxConnections_restartsTheLeaderBeforeReplicasFollow() {
    assertPreviewShows(DESCRIPTION_FILE, "max_connections: \"100\"");
    assertRestartsOnlyPostgresql("lowered max_connections", DESCRIPTION_FILE, "100", "");

    assertThat(onAllDatabases("SHOW shared_preload_libraries")).containsOnly("pg_stat_statements");
    // These would fail if pgaudit's event triggers were left behind without its library.
    for (var database : List.of("postgres", "app", "metastore")) {
      CLUSTER.sql(
          CLUSTER.leader(), database, "CREATE TABLE public.unseen (); DROP TABLE public.unseen");
    }
    for (var node : NODES) {
      assertThat(LAB.ssh(node, "apt-config dump APT::Periodic::Unattended-Upgrade")).isEmpty();
    }
  }

  /** A different failover profile changes etcd's heartbeat. */
  @Test
  @Order(4)
  void changedTimings_restartEtcdMembersOneAtATime_theLeaderLast() {
    var fast = FaultSuite.DESCRIPTION.failover() == Failover.FAST;
    var profile = fast ? "normal" : "fast";
    var changed =
        description(
            "timings",
            text -> text.replaceAll("(?m)^failover:.*\n", "") + "\nfailover: " + profile + "\n");
    assertPreviewShows(changed, "ETCD_HEARTBEAT_INTERVAL=" + (fast ? "250" : "100"));
    var leader = CLUSTER.etcdLeader();
    var before = Footprint.of(LAB, NODES);
    var after = new AtomicReference<Footprint>();

    applyWhileWriting("other timings", changed, after).requireGapWithin(Target.ETCD_RESTARTS);

    assertThat(before.restarted(after.get()))
        .as("the watch restarts too, which interrupts no session")
        .containsExactlyInAnyOrder(
            "etcd1 etcd",
            "etcd2 etcd",
            "etcd3 etcd",
            "postgres1 pgbouncer-watch",
            "postgres2 pgbouncer-watch",
            "postgres3 pgbouncer-watch");
    var restarts =
        CLUSTER.etcd().stream()
            .map(member -> Restart.of(LAB, member, "etcd"))
            .sorted(Comparator.comparing(Restart::stopped))
            .toList();
    assertThat(restarts.get(2).node()).as("restarts in order: " + restarts).isEqualTo(leader);
    for (int i = 1; i < restarts.size(); i++) {
      assertThat(restarts.get(i).stopped())
          .as("one at a time: " + restarts)
          .isGreaterThan(restarts.get(i - 1).started());
    }
  }

  @Test
  @Order(5)
  void revertedSettings_leaveNothingToChange() {
    var after = new AtomicReference<Footprint>();
    applyWhileWriting("the old timings again", DESCRIPTION_FILE, after)
        .requireGapWithin(Target.ETCD_RESTARTS);
    var unchanged = PulumiRun.up().run().succeeded();
    assertThat(unchanged.resources("updated")).as(unchanged.output()).isZero();
  }

  /** Requires that the preview contains these added lines and no secret. */
  private static void assertPreviewShows(Path changed, String... lines) {
    var output = PulumiRun.preview().describedBy(changed).run().succeeded().output();
    for (var line : lines) {
      assertThat(output.lines().map(String::strip))
          .as(output)
          .anyMatch(shown -> shown.startsWith("+") && shown.contains(line));
    }
    assertThat(SECRETS.in(output)).isEmpty();
  }

  private static WriteReport applyWhileWriting(
      String what, Path changed, AtomicReference<Footprint> after) {
    return applyWhileWriting(CLUSTER, OUTPUTS, what, changed, after);
  }

  private static void assertRestartsOnlyPostgresql(
      String what, Path changed, String connections, String last) {
    var before = Footprint.of(LAB, NODES);
    var demoted = CLUSTER.leader();
    var after = new AtomicReference<Footprint>();

    applyWhileWriting(what, changed, after).requireGapWithin(Target.POSTGRESQL_RESTARTS);

    // PgBouncer restarts on the former leader, to close the sessions of its clients.
    assertThat(before.restarted(after.get()))
        .containsExactlyInAnyOrder(
            "postgres1 postmaster",
            "postgres2 postmaster",
            "postgres3 postmaster",
            demoted + " pgbouncer");
    assertThat(onAllDatabases("SHOW max_connections")).containsOnly(connections);
    if (!last.isEmpty()) {
      assertThat(CLUSTER.startedLast()).isEqualTo(last);
      assertThat(CLUSTER.leader()).as("the leader after the switchover").isNotEqualTo(last);
    }
  }

  private static List<String> onAllDatabases(String sql) {
    return CLUSTER.databases().stream().map(node -> CLUSTER.sql(node, "postgres", sql)).toList();
  }
}
