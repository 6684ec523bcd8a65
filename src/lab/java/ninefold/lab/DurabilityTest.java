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
 * The values of {@code durability} other than {@code sync}, under which all other suites run: for
 * which replicas a commit waits, and which writes survive.
 */
@Tag("durability")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DurabilityTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);

  /** The leader drops a silent replica, and Patroni reacts in its next rounds. */
  private static final Duration STATE_CHANGE_LIMIT = FaultSuite.patience(Target.REPLICA_SILENT);

  @AfterEach
  void removeFaults() {
    LAB.removeFaults();
  }

  @AfterAll
  static void restoreDescription() {
    timed("up: sync", PulumiRun.up().run().succeeded());
    CLUSTER.awaitHealthy();
    CLUSTER.sql(CLUSTER.leader(), "postgres", "DROP TABLE IF EXISTS durable");
  }

  @Test
  @Order(1)
  void async_commitsDoNotWaitForReplicas() {
    change("async");

    awaitStates("async async");
    assertThat(setting("synchronous_standby_names")).isEmpty();
    CLUSTER.sql(CLUSTER.leader(), "postgres", "CREATE TABLE durable (n int)");
  }

  @Test
  @Order(2)
  void strict_commitsWaitWhileAllReplicasAreDown() {
    change("strict");
    awaitStates("async sync");
    var leader = CLUSTER.leader();
    var replicas = CLUSTER.replicas();

    replicas.forEach(LAB::powerOff);
    // By now Patroni has seen that the replicas are down; with sync, commits would no longer wait.
    awaitSetting(leader, "synchronous_standby_names", "*");
    assertThat(commitSucceeds(leader)).isFalse();

    replicas.forEach(LAB::powerOn);
    CLUSTER.awaitHealthy();
    assertThat(commitSucceeds(CLUSTER.leader())).isTrue();
  }

  /** With quorum, either replica may have confirmed a write: the right one must become leader. */
  @Test
  @Order(3)
  void quorum_leaderPowerCut_losesNoAcknowledgedWrite() {
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
    timed("up: " + durability, PulumiRun.up().describedBy(described(durability)).run().succeeded());
  }

  private static Path described(String durability) {
    return description(durability, text -> text + "\ndurability: " + durability + "\n");
  }

  /** Waits until the replicas have these synchronous states, in alphabetical order. */
  private static void awaitStates(String states) {
    var query = "SELECT string_agg(sync_state, ' ' ORDER BY sync_state) FROM pg_stat_replication";
    Eventually.holds(
        "the states of the replicas are " + states,
        STATE_CHANGE_LIMIT,
        () -> {
          var now = CLUSTER.sql(CLUSTER.leader(), "postgres", query);
          return now.equals(states) ? Optional.empty() : Optional.of(now);
        });
  }

  private static void awaitSetting(String node, String name, String value) {
    Eventually.holds(
        name + " is " + value,
        STATE_CHANGE_LIMIT,
        () -> {
          var now = CLUSTER.sql(node, "postgres", "SHOW " + name);
          return now.equals(value) ? Optional.empty() : Optional.of(now);
        });
  }

  private static String setting(String name) {
    return CLUSTER.sql(CLUSTER.leader(), "postgres", "SHOW " + name);
  }

  /** Returns whether a small write on the node commits within 5 s. */
  private static boolean commitSucceeds(String node) {
    return LAB.ssh(
            node,
            "cd /; timeout 5 runuser -u postgres -- psql -XAtq -d postgres"
                + " -c 'INSERT INTO durable VALUES (1)' 2>&1 && echo through || true")
        .endsWith("through");
  }
}
