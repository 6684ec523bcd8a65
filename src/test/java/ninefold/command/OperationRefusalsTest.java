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

/** Which operations are refused, and why. */
class OperationRefusalsTest {
  private static final String LOCK = "/ninefold/trio/disruption/694d";
  private static final Operation TO_B = new Operation.Switchover(Optional.of("b"));
  private static final Operation TO_C = new Operation.Switchover(Optional.of("c"));
  private static final Operation TO_ANY = new Operation.Switchover(Optional.empty());
  private static final Operation RESTART_A = new Operation.Restart(Optional.of("a"));
  private static final Operation RESTART_B = new Operation.Restart(Optional.of("b"));
  private static final Operation RESTART_ALL = new Operation.Restart(Optional.empty());
  private static final Operation REINIT_B = new Operation.Reinit("b");

  /** The operations that are allowed on a healthy cluster. */
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
  void healthyCluster_allowsAll(Operation operation) {
    assertThat(reasons(operation, FakeObservation.healthy())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void pausedCluster_allowsOnlyResume(Operation operation) {
    assertThat(reasons(operation, FakeObservation.healthy().paused()))
        .containsExactly(Reason.PAUSED);
    assertThat(reasons(new Operation.Resume(), FakeObservation.healthy().paused())).isEmpty();
  }

  @Test
  void resumeWithoutAPause_isRefused() {
    assertThat(reasons(new Operation.Resume(), FakeObservation.healthy()))
        .containsExactly(Reason.NOT_PAUSED);
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void lockOfAnotherChange_refusesAll(Operation operation) {
    assertThat(reasons(operation, FakeObservation.healthy().locked(LOCK)))
        .containsExactly(Reason.LOCKED);
    assertThat(reasons(new Operation.Resume(), FakeObservation.healthy().paused().locked(LOCK)))
        .containsExactly(Reason.LOCKED);
  }

  @Test
  void lockOfADifferentCluster_isIgnored() {
    assertThat(reasons(TO_B, FakeObservation.healthy().locked("/ninefold/other/disruption/1")))
        .isEmpty();
  }

  @Test
  void unknownLock_isRefused() {
    assertThat(reasons(TO_B, FakeObservation.healthy().etcdSilent("a", "b"))).isEmpty();
    assertThat(reasons(TO_B, FakeObservation.healthy().etcdSilent("a", "b", "c")))
        .containsExactly(Reason.LOCK_UNKNOWN);
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void runningBackup_allowsOnlyResume(Operation operation) {
    var running = Optional.of(true);
    assertThat(reasons(operation, FakeObservation.healthy().backupRuns(running)))
        .containsExactly(Reason.BACKUP_RUNS);
    assertThat(
            reasons(new Operation.Resume(), FakeObservation.healthy().paused().backupRuns(running)))
        .isEmpty();
  }

  @Test
  void unreachableRepository_doesNotRefuse_butIsMentioned() {
    var observation = FakeObservation.healthy().backupRuns(Optional.empty());

    assertThat(reasons(TO_B, observation)).isEmpty();
    assertThat(OperationPlan.of(TO_B, observation.observe()).effects())
        .anyMatch(it -> it.contains("a backup may be running"));
  }

  @Test
  void noDatabaseNodeAnswers_isRefused() {
    assertThat(reasons(new Operation.Pause(), FakeObservation.healthy().silent("a", "b", "c")))
        .containsExactly(Reason.NOBODY_ANSWERS, Reason.LOCK_UNKNOWN);
  }

  @Test
  void missingLeader_refusesWhatNeedsOne() {
    var observation =
        FakeObservation.healthy()
            .leader()
            .member("a", "replica", "stopped", 3, OptionalLong.empty());

    assertThat(reasons(TO_B, observation)).containsExactly(Reason.NO_LEADER);
    assertThat(reasons(REINIT_B, observation)).containsExactly(Reason.NO_LEADER);
    assertThat(reasons(RESTART_B, observation)).containsExactly(Reason.NO_LEADER);
    assertThat(reasons(new Operation.Pause(), observation)).isEmpty();
  }

  @Test
  void candidate_mustBeInTheDescription() {
    assertThat(reasons(new Operation.Switchover(Optional.of("x")), FakeObservation.healthy()))
        .containsExactly(Reason.NOT_DESCRIBED);
    assertThat(reasons(new Operation.Switchover(Optional.of("d")), FakeObservation.healthy()))
        .as("the repository is not a database node")
        .containsExactly(Reason.NOT_DESCRIBED);
  }

  @Test
  void candidate_mustNotBeTheLeader() {
    assertThat(reasons(new Operation.Switchover(Optional.of("a")), FakeObservation.healthy()))
        .containsExactly(Reason.LEADS_ALREADY);
  }

  @Test
  void candidate_mustStream() {
    var observation =
        FakeObservation.healthy().member("b", "sync_standby", "running", 3, OptionalLong.of(0));
    assertThat(reasons(TO_B, observation)).containsExactly(Reason.NOT_STREAMING);
    assertThat(reasons(TO_B, FakeObservation.healthy().without("b")))
        .containsExactly(Reason.NOT_STREAMING);
  }

  @Test
  void candidate_mustBeOnTheLeadersTimeline() {
    var observation =
        FakeObservation.healthy().member("b", "sync_standby", "streaming", 2, OptionalLong.of(0));
    assertThat(reasons(TO_B, observation)).containsExactly(Reason.OTHER_TIMELINE);
  }

  @Test
  void candidate_mustNotExceedTheMaximumLag() {
    assertThat(reasons(TO_B, lagging(OptionalLong.of(1_048_576)))).isEmpty();
    assertThat(reasons(TO_B, lagging(OptionalLong.of(1_048_577)))).containsExactly(Reason.LAGS);
    assertThat(reasons(TO_B, lagging(OptionalLong.empty()))).containsExactly(Reason.LAGS);
  }

  private static FakeObservation lagging(OptionalLong bytes) {
    return FakeObservation.healthy().member("b", "sync_standby", "streaming", 3, bytes);
  }

  @Test
  void candidate_mustBeAllowedToLead() {
    assertThat(reasons(TO_B, tagged("nofailover: true"))).containsExactly(Reason.NEVER_LEADS);
    assertThat(reasons(TO_B, tagged("failoverPriority: 0"))).containsExactly(Reason.NEVER_LEADS);
    assertThat(reasons(TO_B, tagged("failoverPriority: 1"))).isEmpty();
  }

  private static FakeObservation tagged(String tag) {
    return FakeObservation.healthy()
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
  void candidate_mustBeSynchronous_unlessDurabilityIsAsync() {
    assertThat(reasons(TO_C, FakeObservation.healthy())).containsExactly(Reason.NOT_SYNCHRONOUS);
    assertThat(reasons(TO_C, FakeObservation.described("durability: async"))).isEmpty();

    var quorum = FakeObservation.described("durability: quorum");
    quorum.member("c", "quorum_standby", "streaming", 3, OptionalLong.of(0));
    assertThat(reasons(TO_C, quorum)).isEmpty();
  }

  @Test
  void allReasonsAgainstACandidate_areListed() {
    var observation =
        FakeObservation.healthy().member("c", "replica", "stopped", 3, OptionalLong.empty());

    assertThat(reasons(TO_C, observation))
        .containsExactly(Reason.NOT_STREAMING, Reason.NOT_SYNCHRONOUS);
  }

  @Test
  void switchoverWithoutACandidate_listsEachReplicaWithItsReasons() {
    var observation =
        FakeObservation.healthy().member("b", "sync_standby", "stopped", 3, OptionalLong.empty());

    var refusals = OperationRefusals.of(TO_ANY, observation.observe());

    assertThat(refusals)
        .extracting(Refusal::reason)
        .containsExactly(Reason.NO_CANDIDATE, Reason.NOT_STREAMING, Reason.NOT_SYNCHRONOUS);
    assertThat(FakeObservation.text(refusals))
        .contains("b does not stream", "c is not a synchronous replica");
  }

  @Test
  void restartOfTheLeaderWithoutAGoodReplica_isRefused() {
    var onlyCopy =
        FakeObservation.healthy()
            .member("b", "sync_standby", "stopped", 3, OptionalLong.empty())
            .member("c", "replica", "streaming", 3, OptionalLong.of(2_000_000));

    assertThat(reasons(RESTART_A, onlyCopy)).containsExactly(Reason.ONLY_COPY);
    assertThat(reasons(RESTART_ALL, onlyCopy)).containsExactly(Reason.ONLY_COPY);
    assertThat(reasons(RESTART_B, onlyCopy)).isEmpty();
  }

  @Test
  void reinitOfTheLeader_isRefused() {
    assertThat(reasons(new Operation.Reinit("a"), FakeObservation.healthy()))
        .containsExactly(Reason.ONLY_COPY);
  }

  @Test
  void reinitOfTheOnlyReplica_isRefusedIfDurabilityIsStrict() {
    var strict = FakeObservation.described("durability: strict");
    assertThat(reasons(REINIT_B, strict)).isEmpty();

    strict.member("c", "replica", "stopped", 3, OptionalLong.empty());
    assertThat(reasons(REINIT_B, strict)).containsExactly(Reason.WRITES_WOULD_WAIT);
    assertThat(reasons(new Operation.Reinit("c"), strict)).isEmpty();
  }

  @Test
  void member_mustBeInTheDescriptionAndAnswer() {
    for (var name : List.of("x", "d")) {
      assertThat(reasons(new Operation.Restart(Optional.of(name)), FakeObservation.healthy()))
          .containsExactly(Reason.NOT_DESCRIBED);
      assertThat(reasons(new Operation.Reload(Optional.of(name)), FakeObservation.healthy()))
          .containsExactly(Reason.NOT_DESCRIBED);
      assertThat(reasons(new Operation.Reinit(name), FakeObservation.healthy()))
          .containsExactly(Reason.NOT_DESCRIBED);
    }
    var silent = FakeObservation.healthy().silent("b");
    assertThat(reasons(RESTART_B, silent)).containsExactly(Reason.NOT_ANSWERING);
    assertThat(reasons(RESTART_ALL, silent)).containsExactly(Reason.NOT_ANSWERING);
    assertThat(reasons(REINIT_B, silent)).containsExactly(Reason.NOT_ANSWERING);
    assertThat(reasons(new Operation.Reload(Optional.empty()), silent))
        .containsExactly(Reason.NOT_ANSWERING);
  }

  @Test
  void refusal_hasANextStep() {
    var observation =
        FakeObservation.healthy().paused().locked(LOCK).backupRuns(Optional.of(true)).observe();

    assertThat(OperationRefusals.of(TO_C, observation))
        .hasSize(4)
        .allSatisfy(
            it -> {
              assertThat(it.what()).isNotBlank();
              assertThat(it.next()).isNotBlank();
            });
  }

  private static List<Reason> reasons(Operation operation, FakeObservation observation) {
    return OperationRefusals.of(operation, observation.observe()).stream()
        .map(Refusal::reason)
        .toList();
  }
}
