package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import ninefold.ssh.CommandOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an operation is carried out. */
class OperationRunnerTest {
  @Test
  void aPlanSaysWhatWouldHappen_andChangesNothing() {
    var site = new FakeClusterConnection(Seen.healthy());

    var run = Run.of(site, "switchover", "--plan");

    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("b leads instead of a, which follows as a replica.\n");
    assertThat(site.operated).isEmpty();
  }

  @Test
  void aPlanOfWhatIsRefusedSaysWhy() {
    var site = new FakeClusterConnection(Seen.healthy().paused());

    var run = Run.of(site, "switchover", "--plan");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            """
            refused; nothing was changed:
              the cluster is paused: somebody works on it by hand
                next: once that has ended: ./ninefold resume
            """);
    assertThat(site.operated).isEmpty();
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
  void theLeadersNodeIsToldWhatToDo(String command, String told) {
    var site = new FakeClusterConnection(Seen.healthy());

    var run = Run.of(site, (command + " --yes").split(" "));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(site.operated).containsExactly(told);
  }

  @Test
  void eachMemberReloadsByItself() {
    var site = new FakeClusterConnection(Seen.healthy());

    Run.of(site, "reload", "--yes");

    assertThat(site.operated).containsExactly("a: reload", "b: reload", "c: reload");
  }

  @Test
  void whereTheLeadersNodeIsSilentAnotherOneIsTold() {
    var site = new FakeClusterConnection(Seen.healthy().silent("a"));

    Run.of(site, "switchover", "--yes");

    assertThat(site.operated).containsExactly("b: switchover a b");
  }

  @Test
  void amongCandidatesTheOneWithLeastLagLeads() {
    var seen = Seen.described("durability: async");
    seen.member("b", "replica", "streaming", 3, OptionalLong.of(2000));

    assertThat(Run.of(new FakeClusterConnection(seen), "switchover", "--plan").out())
        .startsWith("c leads instead of a");
  }

  @Test
  void itEndsWithTheMembersNewState() {
    var after =
        Seen.healthy()
            .ledBy("b")
            .member("a", "sync_standby", "streaming", 4, OptionalLong.of(0))
            .member("b", "leader", "running", 4, OptionalLong.empty())
            .member("c", "replica", "streaming", 4, OptionalLong.of(0));

    var run = Run.of(new FakeClusterConnection(Seen.healthy()).then(after), "switchover", "--yes");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .startsWith("   0 s  working on it\n")
        .containsSubsequence("a       sync standby  streaming  4", "b       leader        running")
        .endsWith("trio: " + after.look().verdict().line() + "\n");
  }

  @Test
  void withoutATerminalNobodyCanAgree() {
    var site = new FakeClusterConnection(Seen.healthy());

    var run = Run.of(site, "pause");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.err()).contains("there is no terminal to ask on").contains("--yes");
    assertThat(site.operated).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"y, 0, 1", "Yes, 0, 1", "n, 4, 0", "'', 4, 0", "yesterday, 4, 0"})
  void onATerminalSomebodyIsAsked(String answer, int status, int operations) {
    var site = new FakeClusterConnection(Seen.healthy());

    var run = Run.answered(site, answer, "pause");

    assertThat(run.status()).isEqualTo(status);
    assertThat(run.out()).contains("nobody takes over").contains("Go ahead? [y/N]");
    assertThat(site.operated).hasSize(operations);
  }

  @Test
  void whatTheClusterDoesNotConfirmHasFailed() {
    var site =
        new FakeClusterConnection(Seen.healthy())
            .ends(FakeClusterConnection.ended(1, "", "a: patroni: b leads: not so after 60 s\n"));

    var run = Run.of(site, "switchover", "--yes");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("failed on a:\n  a: patroni: b leads: not so after 60 s\n");
  }

  @Test
  void afterAFailureNoFurtherMemberIsTold() {
    var site =
        new FakeClusterConnection(Seen.healthy()).ends(FakeClusterConnection.ended(1, "", "no\n"));

    Run.of(site, "reload", "--yes");

    assertThat(site.operated).containsExactly("a: reload");
  }

  @Test
  void aConnectionThatEndsLeavesTheOutcomeOpen() {
    var site =
        new FakeClusterConnection(Seen.healthy())
            .ends(new CommandOutcome.Unreached("node a (10.0.0.1:22): connection reset", "look"));

    var run = Run.of(site, "reinit", "c", "--yes");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("connection reset").contains("may still be done");
  }

  @Test
  void theHistoryIsListed() {
    var json =
        "[[1, 50331648, \"no recovery target specified\", \"2026-11-29T20:00:00+00:00\", \"b\"],"
            + " [2, 4345298944, \"no recovery target specified\"]]";

    var run =
        Run.of(
            new FakeClusterConnection(Seen.healthy())
                .remembers(FakeClusterConnection.ended(0, json, "")),
            "history");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            timeline  ended at   when                       new leader  why
            1         0/3000000  2026-11-29T20:00:00+00:00  b           no recovery target specified
            2         1/3000000  ?                          ?           no recovery target specified
            """);
  }

  @Test
  void aHistoryThatNobodyTellsIsAFailure() {
    var silent = new CommandOutcome.Unreached("node c (10.0.0.3:22): timeout", "look");

    var run = Run.of(new FakeClusterConnection(Seen.healthy()).remembers(silent), "history");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("node c (10.0.0.3:22): timeout");
    assertThat(Optional.of(run.out())).hasValue("");
  }
}
