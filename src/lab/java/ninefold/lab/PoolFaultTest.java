package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A dead or hung PgBouncer on the leader: Patroni sees nothing of it, and clients see nothing else.
 */
@Tag("faults")
class PoolFaultTest extends FaultSuite {
  @Test
  void pgBouncerKilled_isBackAtOnce() {
    var leader = CLUSTER.leader();
    duringDisturbance(
            "PgBouncer killed",
            () -> LAB.ssh(leader, "systemctl kill --kill-whom=main --signal=KILL pgbouncer"))
        .requireGapWithin(Target.PGBOUNCER_KILLED);
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }

  @Test
  @Tag("fast")
  void pgBouncerStopped_isRestartedByItsWatch() {
    var leader = CLUSTER.leader();
    duringDisturbance(
            "PgBouncer stopped (SIGSTOP)",
            () -> LAB.ssh(leader, "systemctl kill --kill-whom=main --signal=STOP pgbouncer"))
        .requireGapWithin(Target.PGBOUNCER_HUNG);
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
                    OUTPUTS.address(old), patience(Target.PGBOUNCER_KEPT_DEAD));
              } finally {
                LAB.ssh(old, "chmod a+x /usr/sbin/pgbouncer; systemctl restart pgbouncer");
              }
            })
        .requireGapWithin(Target.PGBOUNCER_KEPT_DEAD);
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
  }
}
