package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What becomes of the leader, and of the writes on their way to it. */
@Tag("leader")
@Tag("faults")
class LeaderFaultTest extends FaultSuite {
  @Test
  @Tag("fast")
  void switchover_losesNoAcknowledgedWrite() {
    var before = CLUSTER.leader();
    duringDisturbance("switchover", CLUSTER::switchover).requireGapWithin(Target.SWITCHOVER);
    assertThat(CLUSTER.leader()).isNotEqualTo(before);
  }

  /** A pool such as HikariCP would go on with a session that can only read any more. */
  @Test
  void switchover_cutsSessionsThatAreIdle() throws SQLException {
    var url = OUTPUTS.jdbcUrl(OUTPUTS.readWrite());
    try (var idle = DriverManager.getConnection(url, OUTPUTS.jdbcProperties());
        var statement = idle.createStatement()) {
      statement.execute("SELECT 1");

      CLUSTER.switchover();

      Eventually.holds("the session is cut", patience(Target.SWITCHOVER), () -> answer(statement));
      assertThat(idle.isClosed()).isTrue();
    }
  }

  private static Optional<String> answer(Statement statement) {
    try {
      statement.execute("SELECT 1");
      return Optional.of("it answers");
    } catch (SQLException cut) {
      return Optional.empty();
    }
  }

  /** A promotion asks the archive five times for more than it has; here nobody answers. */
  @Test
  void switchoverWithTheRepositoryOff_losesNoAcknowledgedWrite() {
    var before = CLUSTER.leader();
    during(
            "switchover, repository off",
            client -> {
              LAB.powerOff("repository");
              CLUSTER.switchover();
              client.awaitFlow(patience(Target.SWITCHOVER_WITHOUT_REPOSITORY));
              LAB.powerOn("repository");
            })
        .requireGapWithin(Target.SWITCHOVER_WITHOUT_REPOSITORY);
    assertThat(CLUSTER.leader()).isNotEqualTo(before);
  }

  /** The lease has to run out; then another leads, and the old leader comes back as a replica. */
  @Test
  @Tag("fast")
  void powerOff_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    during(
            "leader's power cut",
            client -> {
              holdArchiving(old);
              LAB.powerOff(old);
              client.awaitFlowAwayFrom(OUTPUTS.address(old), patience(Target.LEADER_POWER_CUT));
              awaitArchiving(CLUSTER.leader());
              LAB.powerOn(old);
            })
        .requireGapWithin(Target.LEADER_POWER_CUT);
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
  }

  /** Stops a push of WAL on its way, while it holds the archive's lock at the repository. */
  private static void holdArchiving(String leader) {
    Eventually.holds(
        "a push holds the archive's lock",
        Duration.ofSeconds(60),
        () -> {
          LAB.ssh(
              leader,
              """
              cd /; runuser -u postgres -- psql -XAtqc 'SELECT pg_switch_wal()' >/dev/null
              for try in {1..200}; do
                ! pgrep -u postgres -f 'archive-push' >/dev/null || break
                sleep 0.01
              done
              sleep 0.0$((RANDOM % 10))
              pkill -STOP -u postgres -f 'archive-push' || true
              """);
          if (LAB.ssh("repository", "ls /run/pgbackrest/*-archive-1.lock || true").isEmpty()) {
            LAB.ssh(leader, "pkill -CONT -u postgres -f 'archive-push' || true");
            return Optional.of("the repository has no lock");
          }
          return Optional.empty();
        });
  }

  private static void awaitArchiving(String leader) {
    var count = "SELECT archived_count FROM pg_stat_archiver";
    var before = CLUSTER.sql(leader, "postgres", count);
    CLUSTER.sql(leader, "postgres", "SELECT pg_switch_wal()");
    Eventually.holds(
        leader + " archives its WAL",
        withSlack(90),
        () -> {
          var now = CLUSTER.sql(leader, "postgres", count);
          return now.equals(before)
              ? Optional.of(CLUSTER.sql(leader, "postgres", "SELECT * FROM pg_stat_archiver"))
              : Optional.empty();
        });
  }

  /** Patroni starts PostgreSQL again where it was, or another node leads. */
  @Test
  @Tag("fast")
  void postmasterKilled_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    duringDisturbance("postmaster killed", () -> CLUSTER.signalPostmaster(old, "KILL"))
        .requireGapWithin(Target.POSTMASTER_KILLED);
  }

  /** A stopped postmaster makes no new processes; the pool's connections go on. */
  @Test
  void postmasterStopped_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    during(
            "postmaster stopped (SIGSTOP)",
            client -> {
              CLUSTER.signalPostmaster(old, "STOP");
              try {
                client.keepWriting(LEASE);
                client.awaitFlow(patience(Target.LEADER_POWER_CUT));
              } finally {
                CLUSTER.signalPostmaster(old, "CONT");
              }
            })
        .requireGapWithin(Target.POSTMASTER_STOPPED);
  }

  /** All of PostgreSQL hangs, loses the lead, and wakes up believing that it still has it. */
  @Test
  void postgresqlFrozenAndWoken_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    try (var watch = SplitBrainWatch.start(LAB, CLUSTER, OUTPUTS.database())) {
      var report =
          during(
              "PostgreSQL frozen, then woken",
              client -> {
                CLUSTER.signalPostgresql(old, "STOP");
                try {
                  client.awaitFlowAwayFrom(
                      OUTPUTS.address(old), patience(Target.POSTGRESQL_FROZEN));
                } finally {
                  CLUSTER.signalPostgresql(old, "CONT");
                }
              });
      watch.requireOneWriterAtATime();
      report.requireGapWithin(Target.POSTGRESQL_FROZEN);
    }
  }

  /** Patroni stops PostgreSQL and gives its lease back, so that nothing has to run out. */
  @Test
  void patroniStopped_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    during(
            "Patroni stopped",
            client -> {
              LAB.ssh(old, Duration.ofSeconds(90), "systemctl stop patroni");
              try {
                client.awaitFlowAwayFrom(OUTPUTS.address(old), patience(Target.PATRONI_STOPPED));
              } finally {
                LAB.ssh(old, "systemctl start patroni");
              }
            })
        .requireGapWithin(Target.PATRONI_STOPPED);
  }

  /** PostgreSQL lives on without Patroni, which systemd starts again. */
  @Test
  void patroniKilled_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    during(
            "Patroni killed",
            client -> {
              var before = pid(old);
              LAB.ssh(old, "systemctl kill --kill-whom=main --signal=KILL patroni");
              Eventually.holds(
                  "systemd has started Patroni again",
                  withSlack(10),
                  () ->
                      pid(old).equals(before) || pid(old).equals("0")
                          ? Optional.of("its process: " + pid(old))
                          : Optional.empty());
            })
        .requireGapWithin(Target.PATRONI_KILLED);
  }

  private static String pid(String node) {
    return LAB.ssh(node, "systemctl show --property=MainPID --value patroni").strip();
  }
}
