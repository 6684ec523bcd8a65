package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import ninefold.verdict.Check;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Causes real problems, several at once if none hides another one. {@code ./ninefold status} must
 * report each within 10 s.
 */
@Tag("status")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class StatusTest extends ChangeSuite {
  /**
   * The target on an idle machine. Tests allow three times the target, since other labs may run.
   */
  private static final Duration TARGET = Duration.ofSeconds(10);

  private static final Duration REPORTED_WITHIN = TARGET.multipliedBy(3);

  private final LiveCluster cluster = new LiveCluster(LAB, StackOutputs.of(LAB));
  private final List<Runnable> remedies = new ArrayList<>();

  /** The result of {@code ./ninefold status --json}. */
  private record Status(int exitCode, JsonNode tree, Duration took) {
    boolean reports(Trouble trouble) {
      return StreamSupport.stream(tree.path("findings").spliterator(), false)
          .anyMatch(
              finding ->
                  finding.path("check").asText().equals(trouble.check().word())
                      && (trouble.node().isEmpty()
                          || finding.path("node").asText().equals(trouble.node().get())));
    }
  }

  /**
   * A problem, by the check that must find it, and the machine concerned, if it is a single one.
   */
  private record Trouble(Check check, Optional<String> node) {
    static Trouble of(Check check) {
      return new Trouble(check, Optional.empty());
    }

    static Trouble on(String node, Check check) {
      return new Trouble(check, Optional.of(node));
    }
  }

  @BeforeEach
  void awaitHealthyCluster() {
    cluster.awaitHealthy();
  }

  @AfterEach
  void removeTrouble() {
    for (int i = remedies.size() - 1; i >= 0; i--) {
      remedies.get(i).run();
    }
    remedies.clear();
  }

  @Test
  @Order(1)
  void healthyCluster_hasNoFindings() {
    var status = status();

    assertThat(status.tree().path("findings")).as(status.tree().toPrettyString()).isEmpty();
    assertThat(status.exitCode()).isZero();
    assertThat(status.tree().path("state").asText()).isEqualTo("healthy");
  }

  /** None of these changes interrupts the service. */
  @Test
  @Order(2)
  void manualChanges_areReported() {
    var leader = cluster.leader();
    var replica = cluster.replicas().get(0);
    var other = cluster.replicas().get(1);
    var balancer = cluster.balancers().get(0);
    var patronictl = "patronictl -c /etc/patroni/config.d ";

    var ghost =
        PulumiRun.description().orElseThrow().postgresql().namespace()
            + PulumiRun.description().orElseThrow().name()
            + "/members/ghost";
    cause(
        "etcd1",
        etcdctl(
            "put %s '{\"conn_url\": \"postgres://192.168.100.99:5432/postgres\", \"state\":"
                    .formatted(ghost)
                + " \"running\", \"role\": \"replica\", \"version\": \"4.0.7\"}'"),
        etcdctl("del " + ghost));
    cause(leader, patronictl + "pause --wait", patronictl + "resume --wait");
    cause(
        leader,
        patronictl + "edit-config --force --set maximum_lag_on_failover=2097152",
        patronictl + "edit-config --force --set maximum_lag_on_failover=1048576");
    cause(
        balancer,
        "cp -a /etc/haproxy/haproxy.cfg /run/kept; echo '# by hand' >>/etc/haproxy/haproxy.cfg",
        "cp -a /run/kept /etc/haproxy/haproxy.cfg");
    cause(
        "etcd2",
        "chmod 0644 /etc/ninefold/tls/etcd/node.key",
        "chmod 0600 /etc/ninefold/tls/etcd/node.key");
    cause(
        cluster.balancers().get(1),
        "systemctl disable --quiet keepalived 2>&1",
        "systemctl enable --quiet keepalived 2>&1");
    cause("etcd3", "nft delete table inet ninefold", "systemctl restart ninefold-firewall");
    cause(replica, "systemctl stop pgbackrest", "systemctl start pgbackrest");
    cause(leader, sql("CREATE ROLE mallory SUPERUSER"), sql("DROP ROLE mallory"));
    cause(leader, sql("CREATE DATABASE by_hand"), sql("DROP DATABASE by_hand"));
    cause(
        other,
        sql("ALTER SYSTEM SET work_mem = '3MB'") + "; " + sql("SELECT pg_reload_conf()"),
        sql("ALTER SYSTEM RESET work_mem") + "; " + sql("SELECT pg_reload_conf()"));
    cause(
        other,
        "cd /etc/ninefold/tls; cp -a pool /run/kept;"
            + " cat postgresql/node.crt >pool/node.crt; cat postgresql/node.key >pool/node.key",
        "cp -a /run/kept/. /etc/ninefold/tls/pool");
    cause("etcd1", "echo x >/var/lib/ninefold/tried/etcd", "rm /var/lib/ninefold/tried/etcd");
    cause(
        "etcd1",
        etcdctl("member add ghost --learner --peer-urls=https://192.168.100.99:2380"),
        etcdctl(
            "member remove \"$(etcdctl member list | awk -F, '/192.168.100.99/ { print $1 }')\""));
    var status =
        awaitReported(
            Trouble.of(Check.PAUSED),
            Trouble.of(Check.CONFIGURATION_DIFFERS),
            Trouble.on(balancer, Check.FILE_DIFFERS),
            Trouble.on("etcd2", Check.FILE_DIFFERS),
            Trouble.on(cluster.balancers().get(1), Check.UNIT_DISABLED),
            Trouble.on(replica, Check.UNIT_INACTIVE),
            Trouble.on("etcd3", Check.UNIT_INACTIVE),
            Trouble.of(Check.ROLE_SUPERUSER),
            Trouble.of(Check.DATABASE_UNKNOWN),
            Trouble.on(other, Check.SETTING_DIFFERS),
            Trouble.on(other, Check.CERTIFICATE_NOT_SERVED),
            Trouble.on("etcd1", Check.STEP_UNFINISHED),
            Trouble.of(Check.ETCD_MEMBER_UNKNOWN),
            Trouble.of(Check.MEMBER_UNKNOWN));
    assertThat(status.exitCode()).isEqualTo(1);
    assertThat(OperatorCommand.run("status", "--drift").output())
        .contains("haproxy.cfg", "+# by hand");
  }

  /** Each stopped service has a redundant one, so clients are still served. */
  @Test
  @Order(3)
  void stoppedServices_areReported() {
    var replica = cluster.replicas().get(0);
    var other = cluster.replicas().get(1);
    var idle =
        cluster.balancers().stream()
            .filter(node -> !node.equals(cluster.holder()))
            .findFirst()
            .orElseThrow();

    cause(replica, "systemctl stop patroni", "systemctl start patroni");
    cause("etcd3", "systemctl stop etcd", "systemctl start etcd");
    cause(
        other,
        "systemctl stop pgbouncer-watch pgbouncer",
        "systemctl start pgbouncer pgbouncer-watch");
    LAB.powerOff(idle);
    remedies.add(() -> LAB.powerOn(idle));

    var status =
        awaitReported(
            Trouble.on(replica, Check.PATRONI_SILENT),
            Trouble.on("etcd3", Check.ETCD_SILENT),
            Trouble.on(other, Check.POOL_SILENT),
            Trouble.on(idle, Check.NODE_SILENT));
    assertThat(status.exitCode()).isEqualTo(1);
  }

  /** No balancer holds the address: exit code 2 means that clients cannot write. */
  @Test
  @Order(4)
  void missingVirtualAddress_meansNoWrites() {
    for (var balancer : cluster.balancers()) {
      cause(balancer, "systemctl stop keepalived", "systemctl start keepalived");
    }

    assertThat(awaitReported(Trouble.of(Check.VIRTUAL_ADDRESS_LOST)).exitCode()).isEqualTo(2);
  }

  /** Patroni stops on every node and PostgreSQL with it, so no node can take over. */
  @Test
  @Order(5)
  void missingLeader_meansNoWrites() {
    for (var node : cluster.databases()) {
      cause(node, "systemctl stop --no-block patroni", "systemctl start patroni");
    }

    assertThat(awaitReported(Trouble.of(Check.NO_LEADER)).exitCode()).isEqualTo(2);
  }

  /** The repository loses an archived segment. This test is the last one, since the gap stays. */
  @Test
  @Order(6)
  void archiveGap_isReported() {
    var leader = cluster.leader();
    for (int i = 0; i < 3; i++) {
      var segment =
          cluster.sql(
              leader,
              "postgres",
              "SELECT pg_logical_emit_message(true, 'test', 'x');"
                  + " SELECT pg_walfile_name(pg_switch_wal())");
      Eventually.holds(
          "the segment is archived",
          Duration.ofSeconds(30),
          () ->
              cluster
                          .sql(leader, "postgres", "SELECT last_archived_wal FROM pg_stat_archiver")
                          .compareTo(segment.lines().reduce((first, last) -> last).orElseThrow())
                      >= 0
                  ? Optional.empty()
                  : Optional.of("not yet"));
    }
    LAB.ssh(
        "repository",
        "cd /var/lib/pgbackrest/archive/*/17-1; rm \"$(find . -name '0*' -type f | sort | tail -n 2 |"
            + " head -n 1)\";"
            // Segments arrive out of order: a gap counts once what follows it has been there for a
            // minute.
            + " find . -name '0*' -type f -exec touch -d '5 minutes ago' {} +");
    cause("repository", "systemctl stop pgbackrest", "systemctl start pgbackrest");
    var status =
        awaitReported(Trouble.of(Check.ARCHIVE_GAP), Trouble.on("repository", Check.UNIT_INACTIVE));
    assertThat(status.exitCode()).isEqualTo(1);
  }

  private void cause(String node, String trouble, String remedy) {
    LAB.ssh(node, Duration.ofSeconds(60), trouble);
    remedies.add(() -> LAB.ssh(node, Duration.ofSeconds(90), remedy));
  }

  private static String sql(String statement) {
    return "cd /; runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -c \"%s\""
        .formatted(statement);
  }

  private static String etcdctl(String words) {
    return "set -a; . /etc/ninefold/etcd.env; set +a; etcdctl " + words;
  }

  /** Runs status until it reports each problem, and prints how long that took. */
  private static Status awaitReported(Trouble... troubles) {
    var began = System.nanoTime();
    while (true) {
      var status = status();
      var missing = List.of(troubles).stream().filter(trouble -> !status.reports(trouble)).toList();
      var took = Duration.ofNanos(System.nanoTime() - began);
      if (missing.isEmpty()) {
        System.out.printf(
            "%d problems reported after %.1f s; the last status took %.1f s%n",
            troubles.length, took.toMillis() / 1000.0, status.took().toMillis() / 1000.0);
        assertThat(status.took()).isLessThan(REPORTED_WITHIN);
        return status;
      }
      assertThat(took)
          .as("not reported yet: %s\n%s", missing, status.tree().path("findings").toPrettyString())
          .isLessThan(REPORTED_WITHIN);
    }
  }

  private static Status status() {
    var began = System.nanoTime();
    var ran = OperatorCommand.runForStandardOutput("status", "--json");
    try {
      return new Status(
          ran.exitCode(),
          new ObjectMapper().readTree(ran.output()),
          Duration.ofNanos(System.nanoTime() - began));
    } catch (IOException e) {
      throw new AssertionError(
          "ninefold status ended with %d:\n%s".formatted(ran.exitCode(), ran.output()));
    }
  }
}
