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

/**
 * Other layouts than the nine machines, each built on fresh machines: the lab creates those that
 * the description names.
 */
@Tag("layouts")
final class LayoutsTest extends ChangeSuite {
  private static final Path FOUR = Path.of("lab/containers/four-nodes.yaml").toAbsolutePath();
  private static final Path TEN = Path.of("lab/containers/ten-nodes.yaml").toAbsolutePath();

  @AfterEach
  void takeFaultsBack() {
    LAB.takeFaultsBack();
  }

  /** The leader's machine is a member of etcd too, and perhaps the active balancer. */
  @Test
  void fourMachines_withSeveralRolesEach_outliveTheLeaders() {
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

  @Test
  void tenMachines_haveThreeReplicas() {
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
    takeOutTheLeader(cluster);
  }

  /**
   * Its lower limits restart PostgreSQL everywhere, so that the leadership moves twice: neither
   * time to the departing member, and the gap is a leader's restart in its place at worst.
   */
  private static void takeOutTheLeader(LiveCluster cluster) {
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
            client -> told("up: the leader taken out", up(without)))
        .requireGapWithin(Target.POSTGRESQL_RESTARTS.in(DescriptionReader.read(TEN)));

    var left = new LiveCluster(LAB, StackOutputs.of(LAB));
    assertThat(left.leader()).isNotEqualTo(leader);
    assertThat(left.replicas()).hasSize(2).doesNotContain(leader);
    assertThat(LAB.ssh(leader, "systemctl is-active patroni || true")).isEqualTo("inactive");
    assertUnchanged(without);
    FormerMachine.opensNothing(LAB, left, kept);
  }

  /** The cluster of a description, on fresh machines that are exactly the described ones. */
  private static LiveCluster build(Path description) {
    LAB.createFresh(description);
    assertThat(LAB.machines()).containsExactlyInAnyOrderElementsOf(names(description));
    told("up: " + description.getFileName(), up(description));
    var cluster = new LiveCluster(LAB, StackOutputs.of(LAB));
    cluster.awaitHealthy();
    return cluster;
  }

  private static void assertUnchanged(Path description) {
    var again = up(description);
    assertThat(again.resources("created") + again.resources("updated") + again.resources("deleted"))
        .as(again.said())
        .isZero();
  }

  private static PulumiRun up(Path description) {
    return PulumiRun.up().describedBy(description).run().succeeded();
  }

  private static List<String> names(Path description) {
    return DescriptionReader.read(description).nodes().stream().map(Node::name).toList();
  }
}
