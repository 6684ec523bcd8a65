package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The balancer that holds the virtual address goes, and comes back. */
@Tag("faults")
class BalancerFaultTest extends FaultSuite {
  @Test
  @Tag("fast")
  void powerOff_movesTheAddressOnceAndForGood() {
    var old = CLUSTER.holder();
    during(
            "active balancer's power cut",
            client -> {
              LAB.powerOff(old);
              Eventually.holds(
                  "the other balancer holds the virtual address",
                  patience(Target.BALANCER_POWER_CUT),
                  () -> held(CLUSTER.holders(), old));
              client.awaitFlow(patience(Target.BALANCER_POWER_CUT));
              LAB.powerOn(old);
              Eventually.holds(
                  "Keepalived is back on " + old + ", and has seen who holds the address",
                  withSlack(20),
                  () -> backup(old));
            })
        .requireGapWithin(Target.BALANCER_POWER_CUT);
    assertThat(CLUSTER.holder()).isNotEqualTo(old);
  }

  private static Optional<String> held(List<String> holders, String old) {
    return holders.size() == 1 && !holders.contains(old)
        ? Optional.empty()
        : Optional.of("held by " + holders);
  }

  private static Optional<String> backup(String node) {
    var said = LAB.ssh(node, "journalctl --boot --unit=keepalived --output=cat --no-pager");
    return said.contains("Entering BACKUP STATE")
            && said.contains("VRRP_Script(haproxy_serves) succeeded")
        ? Optional.empty()
        : Optional.of(said);
  }
}
