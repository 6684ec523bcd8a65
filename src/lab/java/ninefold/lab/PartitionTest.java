package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The leader loses sight of others: never do two nodes accept writes. */
@Tag("faults")
class PartitionTest extends FaultSuite {
  /** The replicas still see the leader and vouch for it: it goes on leading, without its lease. */
  @Test
  void leaderCutOffFromEtcd_noTwoAcceptWrites() {
    var old = CLUSTER.leader();
    duringCut("leader cut off from etcd", old, CLUSTER.etcd(), client -> client.keepWriting(LEASE))
        .requireGapWithin(Target.ETCD_OUT_OF_REACH);
  }

  /** The leader keeps its lease; commits wait until it gives the replicas up. */
  @Test
  void leaderCutOffFromReplicas_noTwoAcceptWrites() {
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

  /** The leader steps down before its lease has run out, and then another leads. */
  @Test
  void leaderCutOffFromBoth_noTwoAcceptWrites() {
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
