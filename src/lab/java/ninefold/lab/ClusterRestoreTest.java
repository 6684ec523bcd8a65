package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole cluster returns to an earlier state, as {@code docs/operations} describes it. */
final class ClusterRestoreTest extends ChangeSuite {
  private static final int DONE = 0;
  private static final int REFUSED = 4;
  private static final String VICTIM = "restored";

  private final StackOutputs outputs = StackOutputs.of(LAB);
  private final LiveCluster cluster = new LiveCluster(LAB, outputs);

  @BeforeEach
  void awaitHealthyCluster() {
    cluster.awaitHealthy();
  }

  @AfterEach
  void removeFaults() {
    LAB.removeFaults();
  }

  /** A table is dropped while a client writes. All rows from before that must be there again. */
  @Test
  @Tag("restore")
  @SuppressWarnings("try") // The client stops before its rows are compared.
  void droppedTable_isBack_withTheRowsOfTheSecondBefore() {
    try (var client = WritingClient.start(outputs, WritingClient.LOW_RATE)) {
      var rows = createVictim();
      var before = dropVictim(client);

      assertThat(
              OperatorCommand.run("restore", "--to", before.time(), "--plan").ended(DONE).output())
          .contains("are discarded", cluster.leader());
      OperatorCommand.run("restore", "--to", before.time(), "--yes").ended(DONE);

      client.awaitFlow(Duration.ofSeconds(60));
      client.close();
      cluster.awaitReplay();
      for (var node : cluster.databases()) {
        assertThat(cluster.sql(node, outputs.database(), "SELECT n FROM " + VICTIM + " ORDER BY n"))
            .as("the dropped table on " + node)
            .isEqualTo(rows);
        assertThat(writesUpTo(node, client.run(), before.time()))
            .as("the client's rows on " + node)
            .isEqualTo(before.writes());
      }
    }
    dropTable();
    cluster.awaitHealthy();
  }

  /** Nothing may change if the target is impossible. */
  @Test
  @Tag("restore")
  void impossibleTargets_areRefused() {
    assertThat(
            OperatorCommand.run("restore", "--to", "2020-01-01T00:00:00Z", "--yes")
                .ended(REFUSED)
                .output())
        .contains("the recovery window begins at");
    assertThat(OperatorCommand.run("restore", "--continue", "--yes").ended(REFUSED).output())
        .contains("no restore of the whole cluster is under way");
  }

  /** The command is killed during the restore of the data. The restore continues without it. */
  @Test
  @Tag("backups-long")
  void killedCommand_canBeContinued() {
    var rows = createVictim();
    var before = dropVictim();

    killedAt("restoring backup", "restore", "--to", before, "--yes");
    assertThat(OperatorCommand.run("switchover", "--yes").exitCode()).isNotEqualTo(DONE);
    OperatorCommand.run("restore", "--continue", "--yes").ended(DONE);

    assertThat(victim()).isEqualTo(rows);
    dropTable();
    cluster.awaitHealthy();
  }

  /** Going back after the data was replaced brings all committed rows. */
  @Test
  @Tag("backups-long")
  void goingBack_afterTheDataWasReplaced_bringsTheLastState() {
    createVictim();
    var before = time();
    Eventually.pause(1100);
    cluster.sql(cluster.leader(), outputs.database(), "INSERT INTO " + VICTIM + " VALUES (99)");

    killedAt("leads, on timeline", "restore", "--to", before, "--yes");
    OperatorCommand.run("restore", "--go-back", "--yes").ended(DONE);

    assertThat(victim()).endsWith("99");
    dropTable();
    cluster.awaitHealthy();
  }

  /** Going back before that only starts the cluster again. */
  @Test
  @Tag("backups-long")
  void goingBack_beforeTheDataWasReplaced_startsTheCluster() {
    createVictim();
    var before = time();
    Eventually.pause(1100);
    cluster.sql(cluster.leader(), outputs.database(), "INSERT INTO " + VICTIM + " VALUES (99)");
    var timeline = timeline();

    killedAt("clients are disconnected", "restore", "--to", before, "--yes");
    OperatorCommand.run("restore", "--go-back", "--yes").ended(DONE);

    assertThat(victim()).endsWith("99");
    assertThat(timeline()).isLessThanOrEqualTo(timeline + 1);
    dropTable();
    cluster.awaitHealthy();
  }

  /** A restore point, and a backup as the target. */
  @Test
  @Tag("backups-long")
  void restorePoint_isATarget() {
    var rows = createVictim();
    cluster.sql(
        cluster.leader(), "postgres", "SELECT pg_create_restore_point('before-the-change')");
    cluster.sql(cluster.leader(), outputs.database(), "DROP TABLE " + VICTIM);

    OperatorCommand.run("restore", "--to", "name:before-the-change", "--yes").ended(DONE);

    assertThat(victim()).isEqualTo(rows);
    dropTable();
    cluster.awaitHealthy();
  }

  /** The leader loses its power under load; the cluster returns to ten seconds after that. */
  @Test
  @Tag("backups-long")
  @SuppressWarnings("try") // The client stops before its rows are compared.
  void leaderWithoutPower_restoreToTenSecondsAfter() {
    var old = cluster.leader();
    try (var client = WritingClient.start(outputs, WritingClient.LOW_RATE)) {
      LAB.powerOff(old);
      client.awaitFlowAwayFrom(outputs.address(old), FaultSuite.patience(Target.LEADER_POWER_CUT));
      Eventually.pause(10_000);
      var leader = cluster.leader();
      var time = now(leader);
      Eventually.pause(1100);
      var writes = writesUpTo(leader, client.run(), time);
      LAB.powerOn(old);
      cluster.awaitHealthy();

      OperatorCommand.run("restore", "--to", time, "--yes").ended(DONE);

      client.close();
      assertThat(writesUpTo(cluster.leader(), client.run(), time)).isEqualTo(writes);
    }
    cluster.awaitHealthy();
  }

  /** The state before a table was dropped. */
  private record Before(String time, String writes) {}

  private String createVictim() {
    cluster.sql(
        cluster.leader(),
        outputs.database(),
        "DROP TABLE IF EXISTS %1$s; CREATE TABLE %1$s AS SELECT generate_series(1, 50) AS n"
            .formatted(VICTIM));
    return victim();
  }

  private Before dropVictim(WritingClient client) {
    var leader = cluster.leader();
    client.keepWriting(Duration.ofMillis(1500));
    var before = time();
    client.keepWriting(Duration.ofMillis(1500));
    var writes = writesUpTo(leader, client.run(), before);
    cluster.sql(leader, outputs.database(), "DROP TABLE " + VICTIM);
    return new Before(before, writes);
  }

  private String dropVictim() {
    var before = time();
    Eventually.pause(1100);
    cluster.sql(cluster.leader(), outputs.database(), "DROP TABLE " + VICTIM);
    return before;
  }

  private void dropTable() {
    cluster.sql(cluster.leader(), outputs.database(), "DROP TABLE IF EXISTS " + VICTIM);
  }

  private String victim() {
    return cluster.sql(
        cluster.leader(), outputs.database(), "SELECT n FROM " + VICTIM + " ORDER BY n");
  }

  private String time() {
    return now(cluster.leader());
  }

  private String now(String node) {
    return cluster.sql(
        node,
        "postgres",
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
  }

  /** The number and the sum of the client's rows up to a time. Each row is a transaction. */
  private String writesUpTo(String node, long run, String time) {
    return cluster.sql(
        node,
        outputs.database(),
        "SELECT count(*), sum(id) FROM %s WHERE run = %d AND at < timestamptz '%s' - interval '0.5 s'"
            .formatted(WritingClient.TABLE, run, time));
  }

  private long timeline() {
    return cluster.members().stream().mapToLong(Health.Member::timeline).max().orElseThrow();
  }

  private static void killedAt(String line, String... words) {
    OperatorCommand.killedAt(line, List.of(words));
  }
}
