package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The balancer that holds the virtual address goes, and comes back. */
class BalancerFaultTest extends FaultSuite {
  /** Three advertisements are missed; then a client's dead connections run into their limit. */
  private static final int ADDRESS_MOVES = 3 * TIMINGS.advertInterval() + 1;

  private static final int CLIENT_GIVES_UP = 5;

  @Test
  void powerOff_movesTheAddressOnceAndForGood() {
    var old = CLUSTER.holder();
    during(
            "active balancer's power cut",
            client -> {
              LAB.powerOff(old);
              Eventually.holds(
                  "the other balancer holds the virtual address",
                  withSlack(ADDRESS_MOVES),
                  () -> held(CLUSTER.holders(), old));
              client.awaitFlow(withSlack(2 * CLIENT_GIVES_UP));
              LAB.powerOn(old);
              Eventually.holds(
                  "Keepalived is back on " + old + ", and has seen who holds the address",
                  withSlack(20),
                  () -> backup(old));
            })
        .requireGapBelow(withSlack(ADDRESS_MOVES + CLIENT_GIVES_UP));
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
