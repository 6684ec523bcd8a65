package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Faults of the active balancer or of its HAProxy, and their end. */
@Tag("faults")
@Tag("balancer")
class BalancerFaultTest extends FaultSuite {
  /** The other balancer must take the address over and keep it when the failed one returns. */
  @Test
  @Tag("fast")
  void balancerPowerCut_movesTheAddressOnce() {
    var old = CLUSTER.holder();
    during(
            "active balancer's power cut",
            client -> {
              LAB.powerOff(old);
              awaitMove(old, Target.BALANCER_POWER_CUT);
              client.awaitFlow(patience(Target.BALANCER_POWER_CUT));
              LAB.powerOn(old);
              Eventually.holds(
                  "Keepalived is back on " + old + ", and has seen who holds the address",
                  withSlack(20),
                  () -> inBackupState(old));
            })
        .requireGapWithin(Target.BALANCER_POWER_CUT);
    assertThat(CLUSTER.holder()).isNotEqualTo(old);
  }

  /** systemd must restart HAProxy before Keepalived moves the address. */
  @Test
  void haproxyKilled_restartsAtOnce() {
    var holder = CLUSTER.holder();
    duringDisturbance("HAProxy killed", () -> signal(holder, "KILL"))
        .requireGapWithin(Target.HAPROXY_KILLED);
  }

  /** HAProxy hangs, so Keepalived must move the address. It must not move back afterwards. */
  @Test
  void haproxyStopped_losesTheAddress() {
    var old = CLUSTER.holder();
    during(
            "HAProxy stopped (SIGSTOP)",
            client -> {
              signal(old, "STOP");
              try {
                awaitMove(old, Target.HAPROXY_HUNG);
                client.awaitFlow(patience(Target.HAPROXY_HUNG));
              } finally {
                signal(old, "CONT");
              }
            })
        .requireGapWithin(Target.HAPROXY_HUNG);
    assertThat(CLUSTER.holder()).as("the address has not moved back").isNotEqualTo(old);
  }

  /**
   * HAProxy cannot start, so Keepalived must move the address. It must not move back afterwards.
   */
  @Test
  void haproxyKeptDead_losesTheAddress() {
    var old = CLUSTER.holder();
    during(
            "HAProxy kept dead",
            client -> {
              LAB.ssh(old, "chmod a-x /usr/sbin/haproxy; systemctl kill --signal=KILL haproxy");
              try {
                awaitMove(old, Target.HAPROXY_KEPT_DEAD);
                client.awaitFlow(patience(Target.HAPROXY_KEPT_DEAD));
              } finally {
                LAB.ssh(old, "chmod a+x /usr/sbin/haproxy; systemctl restart haproxy");
              }
            })
        .requireGapWithin(Target.HAPROXY_KEPT_DEAD);
    assertThat(CLUSTER.holder()).as("the address has not moved back").isNotEqualTo(old);
  }

  private static void signal(String balancer, String signal) {
    LAB.ssh(balancer, "systemctl kill --kill-whom=all --signal=" + signal + " haproxy");
  }

  private static void awaitMove(String old, Target target) {
    Eventually.holds(
        "the other balancer holds the virtual address",
        patience(target),
        () -> heldByTheOther(CLUSTER.holders(), old));
  }

  private static Optional<String> heldByTheOther(List<String> holders, String old) {
    return holders.size() == 1 && !holders.contains(old)
        ? Optional.empty()
        : Optional.of("held by " + holders);
  }

  private static Optional<String> inBackupState(String node) {
    var journal = LAB.ssh(node, "journalctl --boot --unit=keepalived --output=cat --no-pager");
    return journal.contains("Entering BACKUP STATE")
            && journal.contains("VRRP_Script(haproxy_serves) succeeded")
        ? Optional.empty()
        : Optional.of(journal);
  }
}
