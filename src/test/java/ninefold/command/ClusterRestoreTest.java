package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import ninefold.command.RestoreState.Stage;
import ninefold.ssh.CommandOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The restore of the whole cluster: its plan, its refusals, its order, and its interruption. */
class ClusterRestoreTest {
  private static final String TARGET = "2026-11-30T05:58:57Z";
  private static final String PLAN =
      "{\"timeline\": 3, \"labels\": [\"20261130-030000F\"], \"ended\": 1796007600}";

  @Test
  void plan_printsWhatIsLost_andChangesNothing() {
    var connection = connection(FakeObservation.healthy());

    var run = Run.of(connection, "restore", "--to", TARGET, "--plan");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("returns to 2026-11-30T05:58:57Z, from backup 20261130-030000F")
        .contains("All changes of the last 1 min 3 s, in all databases, are discarded")
        .contains("PostgreSQL stops on: a, b, c");
    assertThat(connection.restored)
        .containsExactly("a: recover state", "a: recover plan " + TARGET);
  }

  @Test
  void restore_runsTheStagesInOrder_replicasStopBeforeTheLeader() {
    var connection = connection(FakeObservation.healthy());

    var run = Run.of(connection, "restore", "--to", TARGET, "--yes");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(connection.restored.subList(2, 3)).containsExactly("a: recover archive");
    assertThat(connection.restored.get(3)).startsWith("a: recover begin {\"id\":\"t");
    assertThat(connection.restored)
        .contains("b: recover stop-clients t1796018400", "c: recover stop-clients t1796018400")
        .containsSubsequence(
            "a: recover advance stop-databases",
            "a: recover stop-database t1796018400",
            "a: recover advance restore",
            "a: recover restore t1796018400 " + TARGET + " 3 20261130-030000F",
            "a: recover advance lead",
            "a: recover lead",
            "a: recover advance backup",
            "d: restore-backup",
            "a: recover advance replicas",
            "a: recover advance start-clients",
            "a: recover end");
    assertThat(connection.restored.indexOf("b: recover stop-database t1796018400"))
        .isLessThan(connection.restored.indexOf("a: recover stop-database t1796018400"));
    assertThat(connection.restored).doesNotContain("a: recover replica t1796018400");
  }

  @Test
  void withoutALeader_theFirstNodeThatMayLeadIsRestored_andNothingIsArchived() {
    var connection = connection(FakeObservation.healthy().leader().silent("a"));

    var run = Run.of(connection, "restore", "--to", "latest", "--yes");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("There is no leader", "./ninefold reinit NODE");
    assertThat(connection.restored)
        .contains("b: recover require-gone a", "b: recover lead")
        .doesNotContain("b: recover archive")
        .noneMatch(call -> call.startsWith("a: recover stop"));
  }

  @Test
  void refusals_changeNothing() {
    assertRefused(FakeObservation.healthy().paused(), TARGET, "the cluster is paused");
    assertRefused(
        FakeObservation.healthy().backupRuns(Optional.of(true)), TARGET, "a backup is running");
    assertRefused(
        FakeObservation.healthy().backupRuns(Optional.empty()), TARGET, "does not answer");
    assertRefused(FakeObservation.healthy().locked("/ninefold/trio/disruption/1"), TARGET, "lock");
    assertRefused(FakeObservation.healthy(), "2026-12-24T00:00:00Z", "is in the future");
    assertRefused(FakeObservation.healthy().silent("a", "b", "c"), TARGET, "no database node");
  }

  private static void assertRefused(FakeObservation observation, String target, String why) {
    var connection = connection(observation);

    var run = Run.of(connection, "restore", "--to", target, "--yes");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.err()).contains("refused; nothing was changed", why, "next: ");
    assertThat(connection.restored).isEmpty();
  }

  @Test
  void targetThatNoBackupReaches_isRefused() {
    var connection =
        connection(FakeObservation.healthy())
            .withStage(
                "plan", ended("{\"refused\": \"no backup ends before\", \"next\": \"later\"}"));

    var run = Run.of(connection, "restore", "--to", TARGET, "--yes");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.err()).contains("no backup ends before").contains("next: later");
  }

  @Test
  void restoreUnderWay_isContinued_atItsStage() {
    var connection = connection(FakeObservation.healthy()).withStage("state", state(Stage.BACKUP));

    assertThat(Run.of(connection, "restore", "--to", TARGET, "--yes").err())
        .contains("a restore to latest is under way, at its stage backup");
    connection.restored.clear();
    var run = Run.of(connection, "restore", "--continue", "--yes");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(connection.restored.subList(1, 3))
        .containsExactly("b: recover advance backup", "d: restore-backup");
    assertThat(connection.restored).last().isEqualTo("b: recover end");
  }

  @ParameterizedTest
  @CsvSource({"STOP_CLIENTS", "STOP_DATABASES"})
  void goingBack_beforeTheDataIsTouched_startsTheClusterAgain(Stage stage) {
    var connection = connection(FakeObservation.healthy()).withStage("state", state(stage));

    var run = Run.of(connection, "restore", "--go-back", "--yes");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(connection.restored)
        .startsWith("a: recover state", "a: recover start-database", "a: recover await-leader")
        .contains("c: recover start-clients")
        .endsWith("b: recover end")
        .noneMatch(call -> call.contains("recover restore"));
  }

  @ParameterizedTest
  @CsvSource({"RESTORE", "REPLICAS"})
  void goingBack_afterThat_restoresTheEndOfTheOldTimeline(Stage stage) {
    var connection = connection(FakeObservation.healthy()).withStage("state", state(stage));

    var run = Run.of(connection, "restore", "--go-back", "--yes");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(connection.restored)
        .contains("b: recover plan latest newest 3")
        .anyMatch(call -> call.startsWith("b: recover replace t1 {\"id\":\"t1796018400\""))
        .contains("b: recover restore t1796018400 latest 3 20261130-030000F");
  }

  @Test
  void nothingUnderWay_isRefused() {
    assertThat(Run.of(connection(FakeObservation.healthy()), "restore", "--go-back", "--yes").err())
        .contains("no restore of the whole cluster is under way");
  }

  @Test
  void failedStage_isReported_withBothWaysOn() {
    var connection =
        connection(FakeObservation.healthy())
            .withStage("restore", FakeClusterConnection.ended(1, "", "a: the disk is full\n"));

    var run = Run.of(connection, "restore", "--to", TARGET, "--yes");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains("failed on a:\na: the disk is full")
        .contains(
            "stopped at its stage restore; next: ./ninefold restore --continue, or --go-back");
    assertThat(connection.restored).doesNotContain("a: recover lead");
  }

  @ParameterizedTest
  @CsvSource({"restore", "restore --to latest --continue", "restore --continue --go-back"})
  void exactlyOneOfTheThreeIsNeeded(String line) {
    var connection = connection(FakeObservation.healthy());

    assertThat(Run.of(connection, line.split(" ")).status()).isEqualTo(64);
    assertThat(connection.restored).isEmpty();
  }

  private static FakeClusterConnection connection(FakeObservation observation) {
    return new FakeClusterConnection(observation).withStage("plan", ended(PLAN));
  }

  private static CommandOutcome state(Stage stage) {
    return ended(
        new RestoreState(
                "t1",
                "latest",
                3,
                List.of("20261130-030000F"),
                "b",
                "a",
                List.of("a", "b", "c"),
                stage)
            .json());
  }

  private static CommandOutcome ended(String output) {
    return FakeClusterConnection.ended(0, output, "");
  }
}
