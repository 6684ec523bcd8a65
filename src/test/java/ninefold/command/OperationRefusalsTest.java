package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import ninefold.Descriptions;
import ninefold.command.Refusal.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, and what is not. */
class OperationRefusalsTest {
  private static final String LOCK = "/ninefold/trio/disruption/694d";
  private static final Operation TO_B = new Operation.Switchover(Optional.of("b"));
  private static final Operation TO_C = new Operation.Switchover(Optional.of("c"));
  private static final Operation TO_ANY = new Operation.Switchover(Optional.empty());
  private static final Operation RESTART_A = new Operation.Restart(Optional.of("a"));
  private static final Operation RESTART_B = new Operation.Restart(Optional.of("b"));
  private static final Operation RESTART_ALL = new Operation.Restart(Optional.empty());
  private static final Operation REINIT_B = new Operation.Reinit("b");

  /** Those that a healthy cluster allows. */
  static List<Operation> allowed() {
    return List.of(
        TO_B,
        TO_ANY,
        RESTART_A,
        RESTART_B,
        RESTART_ALL,
        REINIT_B,
        new Operation.Reload(Optional.of("c")),
        new Operation.Reload(Optional.empty()),
        new Operation.Pause());
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void aHealthyClusterAllowsAll(Operation operation) {
    assertThat(reasons(operation, Seen.healthy())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void aPausedClusterAllowsNothing_butToResume(Operation operation) {
    assertThat(reasons(operation, Seen.healthy().paused())).containsExactly(Reason.PAUSED);
    assertThat(reasons(new Operation.Resume(), Seen.healthy().paused())).isEmpty();
  }

  @Test
  void whatIsNotPausedIsNotResumed() {
    assertThat(reasons(new Operation.Resume(), Seen.healthy())).containsExactly(Reason.NOT_PAUSED);
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void whileAnotherChangeHoldsTheLockNothingBegins(Operation operation) {
    assertThat(reasons(operation, Seen.healthy().locked(LOCK))).containsExactly(Reason.LOCKED);
    assertThat(reasons(new Operation.Resume(), Seen.healthy().paused().locked(LOCK)))
        .containsExactly(Reason.LOCKED);
  }

  @Test
  void anotherClustersLockIsNothingToThisOne() {
    assertThat(reasons(TO_B, Seen.healthy().locked("/ninefold/other/disruption/1"))).isEmpty();
  }

  @Test
  void aLockOfWhichNobodyTellsIsNotTakenForFree() {
    assertThat(reasons(TO_B, Seen.healthy().etcdUntold("a", "b"))).isEmpty();
    assertThat(reasons(TO_B, Seen.healthy().etcdUntold("a", "b", "c")))
        .containsExactly(Reason.LOCK_UNKNOWN);
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void whileABackupRunsNothingBegins_butToResume(Operation operation) {
    var running = Optional.of(true);
    assertThat(reasons(operation, Seen.healthy().backupRuns(running)))
        .containsExactly(Reason.BACKUP_RUNS);
    assertThat(reasons(new Operation.Resume(), Seen.healthy().paused().backupRuns(running)))
        .isEmpty();
  }

  @Test
  void aRepositoryThatTellsNothingKeepsNobodyFromASwitchover() {
    var seen = Seen.healthy().backupRuns(Optional.empty());

    assertThat(reasons(TO_B, seen)).isEmpty();
    assertThat(OperationPlan.of(TO_B, seen.look()).effects())
        .anyMatch(it -> it.contains("does not tell whether a backup runs"));
  }

  @Test
  void withoutADatabaseNodeNobodyCanBeAsked() {
    assertThat(reasons(new Operation.Pause(), Seen.healthy().silent("a", "b", "c")))
        .containsExactly(Reason.NOBODY_ANSWERS, Reason.LOCK_UNKNOWN);
  }

  @Test
  void withoutALeaderThereIsNothingToHandOverOrToCopy() {
    var seen = Seen.healthy().ledBy().member("a", "replica", "stopped", 3, OptionalLong.empty());

    assertThat(reasons(TO_B, seen)).containsExactly(Reason.NO_LEADER);
    assertThat(reasons(REINIT_B, seen)).containsExactly(Reason.NO_LEADER);
    assertThat(reasons(RESTART_B, seen)).containsExactly(Reason.NO_LEADER);
    assertThat(reasons(new Operation.Pause(), seen)).isEmpty();
  }

  @Test
  void aCandidateIsDescribed() {
    assertThat(reasons(new Operation.Switchover(Optional.of("x")), Seen.healthy()))
        .containsExactly(Reason.NOT_DESCRIBED);
    assertThat(reasons(new Operation.Switchover(Optional.of("d")), Seen.healthy()))
        .as("the repository is no database node")
        .containsExactly(Reason.NOT_DESCRIBED);
  }

  @Test
  void aCandidateDoesNotLead() {
    assertThat(reasons(new Operation.Switchover(Optional.of("a")), Seen.healthy()))
        .containsExactly(Reason.LEADS_ALREADY);
  }

  @Test
  void aCandidateStreams() {
    var seen = Seen.healthy().member("b", "sync_standby", "running", 3, OptionalLong.of(0));
    assertThat(reasons(TO_B, seen)).containsExactly(Reason.NOT_STREAMING);
    assertThat(reasons(TO_B, Seen.healthy().without("b"))).containsExactly(Reason.NOT_STREAMING);
  }

  @Test
  void aCandidateIsOnTheLeadersTimeline() {
    var seen = Seen.healthy().member("b", "sync_standby", "streaming", 2, OptionalLong.of(0));
    assertThat(reasons(TO_B, seen)).containsExactly(Reason.OTHER_TIMELINE);
  }

  @Test
  void aCandidateLagsNoMoreThanIsAllowed() {
    assertThat(reasons(TO_B, lagging(OptionalLong.of(1_048_576)))).isEmpty();
    assertThat(reasons(TO_B, lagging(OptionalLong.of(1_048_577)))).containsExactly(Reason.LAGS);
    assertThat(reasons(TO_B, lagging(OptionalLong.empty()))).containsExactly(Reason.LAGS);
  }

  private static Seen lagging(OptionalLong bytes) {
    return Seen.healthy().member("b", "sync_standby", "streaming", 3, bytes);
  }

  @Test
  void aCandidateMayLead() {
    assertThat(reasons(TO_B, tagged("nofailover: true"))).containsExactly(Reason.NEVER_LEADS);
    assertThat(reasons(TO_B, tagged("failoverPriority: 0"))).containsExactly(Reason.NEVER_LEADS);
    assertThat(reasons(TO_B, tagged("failoverPriority: 1"))).isEmpty();
  }

  private static Seen tagged(String tag) {
    return Seen.healthy()
        .described(
            Descriptions.cluster(
                """
                name: trio
                network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
                machines: {kind: given}
                nodes:
                  - {name: a, address: 10.0.0.1, roles: [postgres, etcd, balancer]}
                  - {name: b, address: 10.0.0.2, roles: [postgres, etcd, balancer], tags: {%s}}
                  - {name: c, address: 10.0.0.3, roles: [postgres, etcd]}
                  - {name: d, address: 10.0.0.4, roles: [repository]}
                """
                    .formatted(tag)));
  }

  @Test
  void aCandidateIsSynchronous_unlessReplicationIsAsynchronous() {
    assertThat(reasons(TO_C, Seen.healthy())).containsExactly(Reason.NOT_SYNCHRONOUS);
    assertThat(reasons(TO_C, Seen.described("durability: async"))).isEmpty();

    var quorum = Seen.described("durability: quorum");
    quorum.member("c", "quorum_standby", "streaming", 3, OptionalLong.of(0));
    assertThat(reasons(TO_C, quorum)).isEmpty();
  }

  @Test
  void allThatIsWrongWithACandidateIsTold() {
    var seen = Seen.healthy().member("c", "replica", "stopped", 3, OptionalLong.empty());

    assertThat(reasons(TO_C, seen)).containsExactly(Reason.NOT_STREAMING, Reason.NOT_SYNCHRONOUS);
  }

  @Test
  void whereNobodyMayTakeOverEachIsNamedWithItsReason() {
    var seen = Seen.healthy().member("b", "sync_standby", "stopped", 3, OptionalLong.empty());

    var refusals = OperationRefusals.of(TO_ANY, seen.look());

    assertThat(refusals)
        .extracting(Refusal::reason)
        .containsExactly(Reason.NO_CANDIDATE, Reason.NOT_STREAMING, Reason.NOT_SYNCHRONOUS);
    assertThat(Seen.said(refusals)).contains("b does not stream", "c is no synchronous standby");
  }

  @Test
  void theLeaderWithoutAGoodReplicaIsTheOnlyCopy() {
    var alone =
        Seen.healthy()
            .member("b", "sync_standby", "stopped", 3, OptionalLong.empty())
            .member("c", "replica", "streaming", 3, OptionalLong.of(2_000_000));

    assertThat(reasons(RESTART_A, alone)).containsExactly(Reason.ONLY_COPY);
    assertThat(reasons(RESTART_ALL, alone)).containsExactly(Reason.ONLY_COPY);
    assertThat(reasons(RESTART_B, alone)).isEmpty();
  }

  @Test
  void theLeaderIsNeverMadeAnew() {
    assertThat(reasons(new Operation.Reinit("a"), Seen.healthy()))
        .containsExactly(Reason.ONLY_COPY);
  }

  @Test
  void theOnlyReplicaIsNotMadeAnewWhereCommitsWouldWait() {
    var strict = Seen.described("durability: strict");
    assertThat(reasons(REINIT_B, strict)).isEmpty();

    strict.member("c", "replica", "stopped", 3, OptionalLong.empty());
    assertThat(reasons(REINIT_B, strict)).containsExactly(Reason.WRITES_WOULD_WAIT);
    assertThat(reasons(new Operation.Reinit("c"), strict)).isEmpty();
  }

  @Test
  void aMemberIsDescribedAndAnswers() {
    for (var name : List.of("x", "d")) {
      assertThat(reasons(new Operation.Restart(Optional.of(name)), Seen.healthy()))
          .containsExactly(Reason.NOT_DESCRIBED);
      assertThat(reasons(new Operation.Reload(Optional.of(name)), Seen.healthy()))
          .containsExactly(Reason.NOT_DESCRIBED);
      assertThat(reasons(new Operation.Reinit(name), Seen.healthy()))
          .containsExactly(Reason.NOT_DESCRIBED);
    }
    var silent = Seen.healthy().silent("b");
    assertThat(reasons(RESTART_B, silent)).containsExactly(Reason.NOT_ANSWERING);
    assertThat(reasons(RESTART_ALL, silent)).containsExactly(Reason.NOT_ANSWERING);
    assertThat(reasons(REINIT_B, silent)).containsExactly(Reason.NOT_ANSWERING);
    assertThat(reasons(new Operation.Reload(Optional.empty()), silent))
        .containsExactly(Reason.NOT_ANSWERING);
  }

  @Test
  void everyReasonSaysWhatToDo() {
    var seen = Seen.healthy().paused().locked(LOCK).backupRuns(Optional.of(true)).look();

    assertThat(OperationRefusals.of(TO_C, seen))
        .hasSize(4)
        .allSatisfy(
            it -> {
              assertThat(it.what()).isNotBlank();
              assertThat(it.next()).isNotBlank();
            });
  }

  private static List<Reason> reasons(Operation operation, Seen seen) {
    return OperationRefusals.of(operation, seen.look()).stream().map(Refusal::reason).toList();
  }
}
