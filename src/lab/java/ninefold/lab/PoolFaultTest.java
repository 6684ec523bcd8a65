package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A dead or hung PgBouncer on the leader. Patroni does not notice it, but every client does. */
@Tag("faults")
class PoolFaultTest extends FaultSuite {
  /** systemd must restart PgBouncer, without a change of the leader. */
  @Test
  void pgBouncerKilled_isRestartedBySystemd() {
    var leader = CLUSTER.leader();
    duringDisturbance(
            "PgBouncer killed",
            () -> LAB.ssh(leader, "systemctl kill --kill-whom=main --signal=KILL pgbouncer"))
        .requireGapWithin(Target.PGBOUNCER_KILLED);
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }

  /** The watch must kill the hung PgBouncer, without a change of the leader. */
  @Test
  @Tag("fast")
  void pgBouncerHung_isRestartedByTheWatch() {
    var leader = CLUSTER.leader();
    duringDisturbance(
            "PgBouncer stopped (SIGSTOP)",
            () -> LAB.ssh(leader, "systemctl kill --kill-whom=main --signal=STOP pgbouncer"))
        .requireGapWithin(Target.PGBOUNCER_HUNG);
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }

  /** PgBouncer cannot start on the leader, so the watch must request a switchover. */
  @Test
  void pgBouncerKeptDead_causesSwitchover() {
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
