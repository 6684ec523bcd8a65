package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Network partitions around the leader. Two nodes must never accept writes at the same time. */
@Tag("faults")
class PartitionTest extends FaultSuite {
  /**
   * Failsafe mode: the leader still reaches its replicas, so it must stay leader without its lease.
   */
  @Test
  void leaderCutOffFromEtcd_causesNoSplitBrain() {
    var old = CLUSTER.leader();
    duringCut("leader cut off from etcd", old, CLUSTER.etcd(), client -> client.keepWriting(LEASE))
        .requireGapWithin(Target.ETCD_OUT_OF_REACH);
  }

  /** The leader keeps its lease. Commits wait until it drops the silent replicas. */
  @Test
  void leaderCutOffFromReplicas_causesNoSplitBrain() {
    var old = CLUSTER.leader();
    duringCut(
            "leader cut off from replicas",
            old,
            CLUSTER.replicas(),
            client -> {
              client.keepWriting(LEASE);
              client.awaitFlow(patience(Target.REPLICA_SILENT));
            })
        .requireGapWithin(Target.REPLICA_SILENT);
    assertThat(CLUSTER.leader()).isEqualTo(old);
  }

  /** The leader must demote itself before its lease expires; then a new leader takes over. */
  @Test
  void leaderCutOffFromBoth_causesNoSplitBrain() {
    var old = CLUSTER.leader();
    var others = Stream.concat(CLUSTER.etcd().stream(), CLUSTER.replicas().stream()).toList();
    duringCut(
            "leader cut off from both",
            old,
            others,
            client ->
                client.awaitFlowAwayFrom(OUTPUTS.address(old), patience(Target.LEADER_CUT_OFF)))
        .requireGapWithin(Target.LEADER_CUT_OFF);
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
  }

  private static WriteReport duringCut(
      String fault, String node, List<String> others, Consumer<WritingClient> meanwhile) {
    try (var watch = SplitBrainWatch.start(LAB, CLUSTER, OUTPUTS.database())) {
      var report =
          during(
              fault,
              client -> {
                LAB.cut(node, others);
                try {
                  meanwhile.accept(client);
                } finally {
                  LAB.heal();
                }
              });
      watch.requireOneWriterAtATime();
      return report;
    }
  }
}
