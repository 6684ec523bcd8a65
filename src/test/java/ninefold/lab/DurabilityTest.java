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
@Tag("settings")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DurabilityTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final Duration SOON = Duration.ofMinutes(1);

  /** A commit that waits for a replica says so once it is called off. */
  private static final String COMMIT =
      """
      SET client_min_messages = warning;
      SET statement_timeout = '3s';
      CREATE TABLE IF NOT EXISTS durable (n int);
      INSERT INTO durable VALUES (1)
      """;

  private static final String WAITED = "canceling wait for synchronous replication";

  @AfterEach
  void takeFaultsBack() {
    LAB.takeFaultsBack();
  }

  @AfterAll
  static void asItWas() {
    told("up: sync", PulumiRun.up().run().succeeded());
    CLUSTER.awaitHealthy();
  }

  @Test
  @Order(1)
  void async_commitsWaitForNobody() {
    change("async");

    awaitStates("async async");
    assertThat(setting("synchronous_standby_names")).isEmpty();
  }

  @Test
  @Order(2)
  void strict_withNoReplicaLeft_commitsWait() {
    change("strict");
    awaitStates("async sync");
    var leader = CLUSTER.leader();
    var replicas = CLUSTER.replicas();

    replicas.forEach(LAB::powerOff);
    Eventually.holds(
        "a commit waits",
        SOON,
        () -> {
          var said = commit(leader);
          return said.contains(WAITED) ? Optional.empty() : Optional.of(said);
        });
    // Patroni has seen by now that they are gone; under sync it would let commits through.
    awaitSetting(leader, "synchronous_standby_names", "*");
    assertThat(commit(leader)).contains(WAITED);

    replicas.forEach(LAB::powerOn);
    CLUSTER.awaitHealthy();
    assertThat(commit(CLUSTER.leader())).doesNotContain(WAITED);
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
        "quorum: leader's power cut",
        client -> {
          LAB.powerOff(old);
          client.awaitFlowAwayFrom(OUTPUTS.address(old), Duration.ofMinutes(2));
          LAB.powerOn(old);
        });

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

  /** What psql says of a small write on the node itself. */
  private static String commit(String node) {
    return LAB.ssh(
        node,
        "cd /; timeout 20 runuser -u postgres -- psql -XAtq -d postgres 2>&1 <<'SQL'\n"
            + COMMIT
            + "SQL\n");
  }
}
