package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two faults at once: the cluster survives both, and no acknowledged write is lost. */
@Tag("lab-containers")
@Tag("fault-pairs")
final class FaultPairsTest {
  private static final Lab LAB = FaultSuite.LAB;
  private static final LiveCluster CLUSTER = FaultSuite.CLUSTER;

  @BeforeEach
  void gate() {
    CLUSTER.awaitHealthy();
  }

  @AfterEach
  void takeFaultsBack() {
    LAB.takeFaultsBack();
  }

  @Test
  void leaderAndActiveBalancer() {
    powerCut("leader and active balancer off", List.of(CLUSTER.leader(), CLUSTER.holder()));
  }

  @Test
  void leaderAndRepository() {
    powerCut("leader and repository off", List.of(CLUSTER.leader(), "repository"));
  }

  @Test
  void leaderAndEtcdsLeader() {
    powerCut("leader and etcd's leader off", List.of(CLUSTER.leader(), CLUSTER.etcdLeader()));
  }

  /** The standby that is left is not synchronous: no node leads until the others are back. */
  @Test
  void leaderAndSynchronousStandby_noneLeadsUntilOneIsBack() {
    var standby =
        CLUSTER.members().stream()
            .filter(member -> member.role().equals("sync_standby"))
            .map(Health.Member::name)
            .findFirst()
            .orElseThrow();
    var both = List.of(CLUSTER.leader(), standby);
    FaultSuite.during(
            "leader and synchronous standby off",
            client -> {
              LAB.powerOff(both);
              long off = System.nanoTime();
              client.keepWriting(FaultSuite.LEASE);
              assertThat(client.log().since(off)).as("acknowledged while both are off").isEmpty();
              LAB.powerOn(both);
              client.awaitFlow(FaultSuite.patience(Target.LEADER_POWER_CUT));
            })
        .requireGapWithin(
            Target.LEADER_POWER_CUT.in(FaultSuite.DESCRIPTION).plus(FaultSuite.LEASE));
  }

  @Test
  void postmasterKilled_whileABackupRuns() {
    var leader = CLUSTER.leader();
    FaultSuite.duringDisturbance(
            "postmaster killed during a backup",
            () -> {
              LAB.ssh("repository", "systemctl start --no-block pgbackrest-backup@diff");
              CLUSTER.signalPostmaster(leader, "KILL");
            })
        .requireGapWithin(Target.POSTMASTER_KILLED);
  }

  @Test
  void leaderPoweredOff_whileItHandsOver() {
    var old = CLUSTER.leader();
    FaultSuite.during(
            "leader off during its switchover",
            client -> {
              LAB.ssh(
                  old,
                  "systemd-run --quiet patronictl -c /etc/patroni/config.d switchover --leader "
                      + old
                      + " --force");
              client.awaitDisturbance(System.nanoTime(), client.errors(), Duration.ofSeconds(60));
              LAB.powerOff(old);
              client.awaitFlowAwayFrom(
                  FaultSuite.OUTPUTS.address(old), FaultSuite.patience(Target.LEADER_POWER_CUT));
              LAB.powerOn(old);
            })
        .requireGapWithin(Target.LEADER_POWER_CUT);
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
  }

  private static void powerCut(String fault, List<String> nodes) {
    var target =
        Target.LEADER_POWER_CUT
            .in(FaultSuite.DESCRIPTION)
            .plus(Target.BALANCER_POWER_CUT.in(FaultSuite.DESCRIPTION));
    var old = CLUSTER.leader();
    FaultSuite.during(
            fault,
            client -> {
              LAB.powerOff(nodes);
              client.awaitFlowAwayFrom(
                  FaultSuite.OUTPUTS.address(old),
                  Target.allowedInTests(target).plus(FaultSuite.SLACK));
              LAB.powerOn(nodes);
            })
        .requireGapWithin(target);
  }
}
