package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Faults of the leader. No acknowledged write may be lost. */
@Tag("leader")
@Tag("faults")
class LeaderFaultTest extends FaultSuite {
  /** A switchover that an administrator requests from Patroni. */
  @Test
  @Tag("fast")
  void switchover_losesNoAcknowledgedWrite() {
    var before = CLUSTER.leader();
    duringDisturbance("switchover", CLUSTER::switchover).requireGapWithin(Target.SWITCHOVER);
    assertThat(CLUSTER.leader()).isNotEqualTo(before);
  }

  /**
   * A connection pool such as HikariCP would otherwise keep a session that has become read-only.
   */
  @Test
  void switchover_cutsIdleSessions() throws SQLException {
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

  /** A promotion requests WAL from the archive five times; here the repository does not answer. */
  @Test
  void switchoverWithRepositoryDown_losesNoAcknowledgedWrite() {
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

  /**
   * A new leader takes over once the lease has expired. The old leader must return as a replica.
   */
  @Test
  @Tag("fast")
  void powerCut_losesNoAcknowledgedWrite() {
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

  /** Stops a push of WAL while it holds the archive's lock on the repository. */
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

  /** Patroni restarts PostgreSQL in place, or a new leader takes over. */
  @Test
  @Tag("fast")
  void postmasterKilled_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    duringDisturbance("postmaster killed", () -> CLUSTER.signalPostmaster(old, "KILL"))
        .requireGapWithin(Target.POSTMASTER_KILLED);
  }

  /** A stopped postmaster starts no new processes, but the pool's open connections continue. */
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

  /**
   * All of PostgreSQL hangs and loses the leadership. When it resumes, it still acts as leader for
   * a moment.
   */
  @Test
  void frozenAndResumedPostgresql_losesNoAcknowledgedWrite() {
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

  /**
   * Patroni stops PostgreSQL and releases its lease, so the new leader need not wait for the
   * expiry.
   */
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

  /** PostgreSQL keeps running without Patroni, which systemd restarts. */
  @Test
  void patroniKilled_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    during(
            "Patroni killed",
            client -> {
              var before = patroniPid(old);
              LAB.ssh(old, "systemctl kill --kill-whom=main --signal=KILL patroni");
              Eventually.holds(
                  "systemd has restarted Patroni",
                  withSlack(10),
                  () ->
                      patroniPid(old).equals(before) || patroniPid(old).equals("0")
                          ? Optional.of("its process: " + patroniPid(old))
                          : Optional.empty());
            })
        .requireGapWithin(Target.PATRONI_KILLED);
  }

  private static String patroniPid(String node) {
    return LAB.ssh(node, "systemctl show --property=MainPID --value patroni").strip();
  }
}
