package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Faults of etcd. PostgreSQL must continue without it for a while. */
@Tag("faults")
class EtcdFaultTest extends FaultSuite {
  /** etcd's leader loses its power. The other members elect a new one, and no client may notice. */
  @Test
  void etcdLeaderOff_delaysNoWrite() {
    var leader = CLUSTER.leader();
    var member = CLUSTER.etcdLeader();
    during(
            "etcd's leader off",
            client -> {
              LAB.powerOff(member);
              client.keepWriting(LEASE);
              LAB.powerOn(member);
            })
        .requireGapWithin(Target.ETCD_MEMBER_OFF);
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }

  /**
   * Failsafe mode: all PostgreSQL nodes still reach each other, so the leader must stay without a
   * lease.
   */
  @Test
  void allMembersOff_keepsTheLeader() {
    var leader = CLUSTER.leader();
    during(
            "all of etcd off",
            client -> {
              LAB.powerOff(CLUSTER.etcd());
              client.keepWriting(LEASE);
              client.awaitFlow(patience(Target.ETCD_OUT_OF_REACH));
              LAB.powerOn(CLUSTER.etcd());
            })
        .requireGapWithin(Target.ETCD_OUT_OF_REACH);
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }
}
