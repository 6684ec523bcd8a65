package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The other words for {@code durability}, each on the living cluster: for whom a commit waits, and
 * what that is worth. All other suites run under {@code sync}.
 */
@Tag("durability")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DurabilityTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);

  /** The leader gives a silent replica up, and Patroni draws its conclusions, round by round. */
  private static final Duration SOON = FaultSuite.patience(Target.REPLICA_SILENT);

  @AfterEach
  void takeFaultsBack() {
    LAB.takeFaultsBack();
  }

  @AfterAll
  static void asItWas() {
    told("up: sync", PulumiRun.up().run().succeeded());
    CLUSTER.awaitHealthy();
    CLUSTER.sql(CLUSTER.leader(), "postgres", "DROP TABLE IF EXISTS durable");
  }

  @Test
  @Order(1)
  void async_commitsWaitForNobody() {
    change("async");

    awaitStates("async async");
    assertThat(setting("synchronous_standby_names")).isEmpty();
    CLUSTER.sql(CLUSTER.leader(), "postgres", "CREATE TABLE durable (n int)");
  }

  @Test
  @Order(2)
  void strict_withNoReplicaLeft_commitsWait() {
    change("strict");
    awaitStates("async sync");
    var leader = CLUSTER.leader();
    var replicas = CLUSTER.replicas();

    replicas.forEach(LAB::powerOff);
    // Patroni has seen by then that they are gone; under sync it would let commits through.
    awaitSetting(leader, "synchronous_standby_names", "*");
    assertThat(commits(leader)).isFalse();

    replicas.forEach(LAB::powerOn);
    CLUSTER.awaitHealthy();
    assertThat(commits(CLUSTER.leader())).isTrue();
  }

  @Test
  @Order(3)
  void quorum_losesNoAcknowledgedWriteWithTheLeader() {
    change("quorum");
    awaitStates("quorum quorum");

    var old = CLUSTER.leader();
    FaultSuite.during(
            CLUSTER,
            OUTPUTS,
            WritingClient.LOW_RATE,
            "quorum: leader's power cut",
            client -> {
              LAB.powerOff(old);
              client.awaitFlowAwayFrom(
                  OUTPUTS.address(old), FaultSuite.patience(Target.LEADER_POWER_CUT));
              LAB.powerOn(old);
            })
        .requireGapWithin(Target.LEADER_POWER_CUT);

    assertThat(CLUSTER.leader()).isNotEqualTo(old);
    awaitStates("quorum quorum");
  }

  private static void change(String durability) {
    told("up: " + durability, PulumiRun.up().describedBy(described(durability)).run().succeeded());
  }

  private static Path described(String durability) {
    return description(durability, text -> text + "\ndurability: " + durability + "\n");
  }

  /** How the leader replicates to the others. */
  private static void awaitStates(String states) {
    var asked = "SELECT string_agg(sync_state, ' ' ORDER BY sync_state) FROM pg_stat_replication";
    Eventually.holds(
        "the replicas are " + states,
        SOON,
        () -> {
          var now = CLUSTER.sql(CLUSTER.leader(), "postgres", asked);
          return now.equals(states) ? Optional.empty() : Optional.of(now);
        });
  }

  private static void awaitSetting(String node, String name, String value) {
    Eventually.holds(
        name + " is " + value,
        SOON,
        () -> {
          var now = CLUSTER.sql(node, "postgres", "SHOW " + name);
          return now.equals(value) ? Optional.empty() : Optional.of(now);
        });
  }

  private static String setting(String name) {
    return CLUSTER.sql(CLUSTER.leader(), "postgres", "SHOW " + name);
  }

  /** Whether a small write on the node itself is through within a few seconds. */
  private static boolean commits(String node) {
    return LAB.ssh(
            node,
            "cd /; timeout 5 runuser -u postgres -- psql -XAtq -d postgres"
                + " -c 'INSERT INTO durable VALUES (1)' 2>&1 && echo through || true")
        .endsWith("through");
  }
}
