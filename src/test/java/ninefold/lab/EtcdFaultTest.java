package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** etcd says who leads; PostgreSQL does without it for a while. */
class EtcdFaultTest extends FaultSuite {
  /** Longer than a lease: whoever needs etcd has missed it by then. */
  private static final Duration LONG = withSlack(TIMINGS.ttl() + TIMINGS.loopWait());

  /** The member that leads etcd; the others elect another, and no client notices. */
  @Test
  void oneMemberOff_isNotNoticed() {
    var leader = CLUSTER.leader();
    var member = CLUSTER.etcdLeader();
    during(
            "etcd's leader off",
            client -> {
              LAB.powerOff(member);
              client.keepWriting(LONG);
              LAB.powerOn(member);
            })
        .requireGapBelow(SLACK);
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
              client.keepWriting(LONG);
              client.awaitFlow(withSlack(1));
              LAB.powerOn(CLUSTER.etcd());
            })
        .requireGapBelow(withSlack(TIMINGS.retryTimeout()));
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }
}
