package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * A dead or hung PgBouncer on the leader: Patroni sees nothing of it, and clients see nothing else.
 */
class PoolFaultTest extends FaultSuite {
  /** The watch asks every second and waits two for an answer. */
  private static final int WATCH_SEES = 3;

  @Test
  void pgBouncerKilled_isBackAtOnce() {
    var leader = CLUSTER.leader();
    duringDisturbance(
            "PgBouncer killed",
            () -> LAB.ssh(leader, "systemctl kill --kill-whom=main --signal=KILL pgbouncer"))
        .requireGapBelow(withSlack(BALANCER_SEES));
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }

  @Test
  void pgBouncerStopped_isRestartedByItsWatch() {
    var leader = CLUSTER.leader();
    duringDisturbance(
            "PgBouncer stopped (SIGSTOP)",
            () -> LAB.ssh(leader, "systemctl kill --kill-whom=main --signal=STOP pgbouncer"))
        .requireGapBelow(withSlack(WATCH_SEES + BALANCER_SEES));
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }

  /** Its program can't be run any more: the node that leads is of no use to anyone. */
  @Test
  void pgBouncerKeptDead_handsTheLeadershipOver() {
    var old = CLUSTER.leader();
    during(
            "PgBouncer kept dead",
            client -> {
              LAB.ssh(
                  old,
                  "chmod a-x \"$(command -v pgbouncer)\"; systemctl kill --signal=KILL pgbouncer");
              try {
                client.awaitFlowAwayFrom(
                    OUTPUTS.address(old), withSlack(DESCRIPTION.pooling().handoverAfter() + 30));
              } finally {
                LAB.ssh(old, "chmod a+x /usr/sbin/pgbouncer; systemctl restart pgbouncer");
              }
            })
        .requireGapBelow(
            withSlack(
                DESCRIPTION.pooling().handoverAfter()
                    + WATCH_SEES
                    + TIMINGS.loopWait()
                    + BALANCER_SEES));
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
  }
}
