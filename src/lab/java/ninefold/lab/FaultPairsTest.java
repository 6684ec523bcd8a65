package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two faults at once: the cluster survives both, and no acknowledged write is lost. */
@Tag("fault-pairs")
final class FaultPairsTest extends FaultSuite {
  @Test
  void leaderAndActiveBalancerOff_losesNoAcknowledgedWrite() {
    powerCut("leader and active balancer off", List.of(CLUSTER.leader(), CLUSTER.holder()));
  }

  @Test
  void leaderAndTheRepositoryOff_losesNoAcknowledgedWrite() {
    powerCut("leader and repository off", List.of(CLUSTER.leader(), "repository"));
  }

  @Test
  void leaderAndEtcdLeaderOff_losesNoAcknowledgedWrite() {
    powerCut("leader and etcd's leader off", List.of(CLUSTER.leader(), CLUSTER.etcdLeader()));
  }

  /**
   * The remaining standby is not synchronous, so there must be no leader until one of the two is
   * back.
   */
  @Test
  void leaderAndSynchronousStandbyOff_stopsWrites() {
    var standby =
        CLUSTER.members().stream()
            .filter(member -> member.role().equals("sync_standby"))
            .map(Health.Member::name)
            .findFirst()
            .orElseThrow();
    var both = List.of(CLUSTER.leader(), standby);
    during(
            "leader and synchronous standby off",
            client -> {
              LAB.powerOff(both);
              long off = System.nanoTime();
              client.keepWriting(LEASE);
              assertThat(client.log().since(off)).as("acknowledged while both are off").isEmpty();
              LAB.powerOn(both);
              client.awaitFlow(patience(Target.LEADER_POWER_CUT));
            })
        .requireGapWithin(Target.LEADER_POWER_CUT.in(DESCRIPTION).plus(LEASE));
  }

  @Test
  void killedPostmasterDuringABackup_losesNoAcknowledgedWrite() {
    var leader = CLUSTER.leader();
    duringDisturbance(
            "postmaster killed during a backup",
            () -> {
              LAB.ssh("repository", "systemctl start --no-block pgbackrest-backup@diff");
              CLUSTER.signalPostmaster(leader, "KILL");
            })
        .requireGapWithin(Target.POSTMASTER_KILLED);
  }

  /** The leader loses its power after it has begun to hand over. */
  @Test
  void leaderPowerCutDuringItsSwitchover_losesNoAcknowledgedWrite() {
    var old = CLUSTER.leader();
    during(
            "leader off during its switchover",
            client -> {
              LAB.ssh(
                  old,
                  "systemd-run --quiet patronictl -c /etc/patroni/config.d switchover --leader "
                      + old
                      + " --force");
              client.awaitDisturbance(System.nanoTime(), client.errors(), Duration.ofSeconds(60));
              LAB.powerOff(old);
              client.awaitFlowAwayFrom(OUTPUTS.address(old), patience(Target.LEADER_POWER_CUT));
              LAB.powerOn(old);
            })
        .requireGapWithin(Target.LEADER_POWER_CUT);
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
  }

  private static void powerCut(String fault, List<String> nodes) {
    var target =
        Target.LEADER_POWER_CUT.in(DESCRIPTION).plus(Target.BALANCER_POWER_CUT.in(DESCRIPTION));
    var old = CLUSTER.leader();
    during(
            fault,
            client -> {
              LAB.powerOff(nodes);
              client.awaitFlowAwayFrom(
                  OUTPUTS.address(old), Target.allowedInTests(target).plus(SLACK));
              LAB.powerOn(nodes);
            })
        .requireGapWithin(target);
  }
}
