package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import ninefold.ssh.CommandOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plan, confirmation, execution and result of operations. */
class OperationRunnerTest {
  @Test
  void plan_printsEffects_andChangesNothing() {
    var connection = new FakeClusterConnection(FakeObservation.healthy());

    var run = Run.of(connection, "switchover", "--plan");

    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("b becomes the leader; a becomes a replica.\n");
    assertThat(connection.operated).isEmpty();
  }

  @Test
  void planOfARefusedOperation_printsReasons() {
    var connection = new FakeClusterConnection(FakeObservation.healthy().paused());

    var run = Run.of(connection, "switchover", "--plan");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            """
            refused; nothing was changed:
              the cluster is paused, probably for manual work
                next: when that work is finished: ./ninefold resume
            """);
    assertThat(connection.operated).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "switchover, a: switchover a b",
    "switchover --to b, a: switchover a b",
    "restart c, a: restart c",
    "restart, a: restart b c a",
    "reinit c, a: reinit c",
    "pause, a: pause"
  })
  void operation_runsOnTheLeader(String command, String call) {
    var connection = new FakeClusterConnection(FakeObservation.healthy());

    var run = Run.of(connection, (command + " --yes").split(" "));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(connection.operated).containsExactly(call);
  }

  @Test
  void reload_runsOnEachMember() {
    var connection = new FakeClusterConnection(FakeObservation.healthy());

    Run.of(connection, "reload", "--yes");

    assertThat(connection.operated).containsExactly("a: reload", "b: reload", "c: reload");
  }

  @Test
  void operation_runsOnAReplicaIfTheLeaderDoesNotAnswer() {
    var connection = new FakeClusterConnection(FakeObservation.healthy().silent("a"));

    Run.of(connection, "switchover", "--yes");

    assertThat(connection.operated).containsExactly("b: switchover a b");
  }

  @Test
  void switchover_choosesTheCandidateWithTheSmallestLag() {
    var observation = FakeObservation.described("durability: async");
    observation.member("b", "replica", "streaming", 3, OptionalLong.of(2000));

    assertThat(Run.of(new FakeClusterConnection(observation), "switchover", "--plan").out())
        .startsWith("c becomes the leader; a becomes a replica");
  }

  @Test
  void operation_printsNewStateOfMembers() {
    var after =
        FakeObservation.healthy()
            .leader("b")
            .member("a", "sync_standby", "streaming", 4, OptionalLong.of(0))
            .member("b", "leader", "running", 4, OptionalLong.empty())
            .member("c", "replica", "streaming", 4, OptionalLong.of(0));

    var run =
        Run.of(
            new FakeClusterConnection(FakeObservation.healthy()).then(after),
            "switchover",
            "--yes");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .startsWith("   0 s  in progress\n")
        .containsSubsequence("a       sync standby  streaming  4", "b       leader        running")
        .endsWith("trio: " + after.observe().verdict().line() + "\n");
  }

  @Test
  void withoutATerminal_operationNeedsYes() {
    var connection = new FakeClusterConnection(FakeObservation.healthy());

    var run = Run.of(connection, "pause");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.err())
        .contains("there is no terminal to ask for confirmation")
        .contains("--yes");
    assertThat(connection.operated).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"y, 0, 1", "Yes, 0, 1", "n, 4, 0", "'', 4, 0", "yesterday, 4, 0"})
  void onATerminal_operationAsksForConfirmation(String answer, int status, int operations) {
    var connection = new FakeClusterConnection(FakeObservation.healthy());

    var run = Run.answered(connection, answer, "pause");

    assertThat(run.status()).isEqualTo(status);
    assertThat(run.out()).contains("no replica takes over").contains("Continue? [y/N]");
    assertThat(connection.operated).hasSize(operations);
  }

  @Test
  void unconfirmedOperation_fails() {
    var connection =
        new FakeClusterConnection(FakeObservation.healthy())
            .withOutcome(
                FakeClusterConnection.ended(1, "", "a: patroni: b leads: not so after 60 s\n"));

    var run = Run.of(connection, "switchover", "--yes");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("failed on a:\n  a: patroni: b leads: not so after 60 s\n");
  }

  @Test
  void failure_stopsTheRemainingActions() {
    var connection =
        new FakeClusterConnection(FakeObservation.healthy())
            .withOutcome(FakeClusterConnection.ended(1, "", "no\n"));

    Run.of(connection, "reload", "--yes");

    assertThat(connection.operated).containsExactly("a: reload");
  }

  @Test
  void lostConnection_leavesTheResultOpen() {
    var connection =
        new FakeClusterConnection(FakeObservation.healthy())
            .withOutcome(
                new CommandOutcome.Unreached("node a (10.0.0.1:22): connection reset", "look"));

    var run = Run.of(connection, "reinit", "c", "--yes");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("connection reset").contains("may still carry out the change");
  }

  @Test
  void history_isListed() {
    var json =
        "[[1, 50331648, \"no recovery target specified\", \"2026-11-29T20:00:00+00:00\", \"b\"],"
            + " [2, 4345298944, \"no recovery target specified\"]]";

    var run =
        Run.of(
            new FakeClusterConnection(FakeObservation.healthy())
                .withHistory(FakeClusterConnection.ended(0, json, "")),
            "history");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            timeline  end LSN    time                       new leader  reason
            1         0/3000000  2026-11-29T20:00:00+00:00  b           no recovery target specified
            2         1/3000000  ?                          ?           no recovery target specified
            """);
  }

  @Test
  void historyWithoutAnAnswer_fails() {
    var silent = new CommandOutcome.Unreached("node c (10.0.0.3:22): timeout", "look");

    var run =
        Run.of(new FakeClusterConnection(FakeObservation.healthy()).withHistory(silent), "history");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("node c (10.0.0.3:22): timeout");
    assertThat(Optional.of(run.out())).hasValue("");
  }
}
