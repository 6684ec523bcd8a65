package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** etcd says who leads; PostgreSQL does without it for a while. */
@Tag("faults")
class EtcdFaultTest extends FaultSuite {
  /** The member that leads etcd; the others elect another, and no client notices. */
  @Test
  void oneMemberOff_isNotNoticed() {
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

  /** All members of the cluster see each other: the leader stays without a lease. */
  @Test
  void allMembersOff_theLeaderStays() {
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
