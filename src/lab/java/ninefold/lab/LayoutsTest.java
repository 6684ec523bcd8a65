package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import ninefold.description.Node;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Layouts other than the nine machines. The lab creates new machines for each description. */
@Tag("layouts")
final class LayoutsTest extends ChangeSuite {
  private static final Path FOUR = Path.of("lab/containers/four-nodes.yaml").toAbsolutePath();
  private static final Path TEN = Path.of("lab/containers/ten-nodes.yaml").toAbsolutePath();

  @AfterEach
  void removeFaults() {
    LAB.removeFaults();
  }

  /** The leader's machine is also an etcd member, and may be the active balancer. */
  @Test
  void fourNodes_surviveThePowerCutOfTheLeader() {
    var cluster = build(FOUR);
    var outputs = StackOutputs.of(LAB);
    var leader = cluster.leader();

    FaultSuite.during(
            cluster,
            outputs,
            WritingClient.LOW_RATE,
            "power cut of a leader with all roles",
            client -> {
              LAB.powerOff(leader);
              client.awaitFlowAwayFrom(
                  outputs.address(leader), FaultSuite.patience(Target.LEADER_POWER_CUT));
              LAB.powerOn(leader);
            })
        .requireGapWithin(Target.LEADER_POWER_CUT.in(DescriptionReader.read(FOUR)));

    assertThat(cluster.leader()).isNotEqualTo(leader);
    assertUnchanged(FOUR);
  }

  /** After a switchover among four database nodes, the leader is removed from the description. */
  @Test
  void tenNodes_haveThreeReplicas() {
    var cluster = build(TEN);

    assertThat(cluster.replicas()).hasSize(3);
    FaultSuite.during(
            cluster,
            StackOutputs.of(LAB),
            WritingClient.LOW_RATE,
            "switchover among four",
            client -> cluster.switchover())
        .requireGapWithin(Target.SWITCHOVER.in(DescriptionReader.read(TEN)));
    assertUnchanged(TEN);
    removeTheLeader(cluster);
  }

  /**
   * Removes the leader from the description. The lower limits then restart PostgreSQL on every
   * node, so the leadership moves twice, but never to the departing member. At worst the gap is a
   * restart of the leader in place.
   */
  private static void removeTheLeader(LiveCluster cluster) {
    if (cluster.leader().equals("postgres1")) {
      cluster.switchover();
      cluster.awaitHealthy();
    }
    var leader = cluster.leader();
    var line = Pattern.compile("(?m)^  - [{]name: " + leader + ",.*\n");
    var kept = LAB.ssh(leader, "tar cz -C /etc/ninefold/tls . | base64 -w 0");
    var without = description("without", TEN, text -> line.matcher(text).replaceFirst(""));

    FaultSuite.during(
            () -> new LiveCluster(LAB, StackOutputs.of(LAB)),
            StackOutputs.of(LAB),
            WritingClient.LOW_RATE,
            "the leader taken out",
            client -> timed("up: the leader taken out", up(without)))
        .requireGapWithin(Target.POSTGRESQL_RESTARTS.in(DescriptionReader.read(TEN)));

    var left = new LiveCluster(LAB, StackOutputs.of(LAB));
    assertThat(left.leader()).isNotEqualTo(leader);
    assertThat(left.replicas()).hasSize(2).doesNotContain(leader);
    assertThat(LAB.ssh(leader, "systemctl is-active patroni || true")).isEqualTo("inactive");
    assertUnchanged(without);
    FormerMachine.assertKeysAreRefused(LAB, left, kept);
  }

  /**
   * Builds the cluster of a description on new machines, and requires that the lab created only
   * these.
   */
  private static LiveCluster build(Path description) {
    LAB.createFresh(description);
    assertThat(LAB.machines()).containsExactlyInAnyOrderElementsOf(names(description));
    timed("up: " + description.getFileName(), up(description));
    var cluster = new LiveCluster(LAB, StackOutputs.of(LAB));
    cluster.awaitHealthy();
    return cluster;
  }

  private static void assertUnchanged(Path description) {
    var again = up(description);
    assertThat(again.resources("created") + again.resources("updated") + again.resources("deleted"))
        .as(again.output())
        .isZero();
  }

  private static PulumiRun up(Path description) {
    return PulumiRun.up().describedBy(description).run().succeeded();
  }

  private static List<String> names(Path description) {
    return DescriptionReader.read(description).nodes().stream().map(Node::name).toList();
  }
}
