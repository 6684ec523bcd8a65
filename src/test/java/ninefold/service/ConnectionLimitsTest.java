package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import ninefold.Descriptions;
import org.junit.jupiter.api.Test;

/** Tests the limits of HAProxy in front of three database nodes. */
class ConnectionLimitsTest {
  @Test
  void oneClientAddressMayFillThePoolsBehindAPort() {
    var limits = limits("pooling: {maxClients: 200}");

    assertThat(limits.writersPerAddress()).isEqualTo(200);
    assertThat(limits.readersPerAddress()).isEqualTo(400);
  }

  @Test
  void describedLimitAppliesToBothPorts() {
    assertThat(limits("balancing: {maxConnectionsPerClient: 70}"))
        .isEqualTo(new ConnectionLimits(1000, 70, 70));
  }

  @Test
  void totalExceedsTheSumOfAllPorts() {
    var limits = limits("balancing: {maxConnections: 500}");

    assertThat(limits.total())
        .isGreaterThan(2 * limits.perPort() + limits.alive() + limits.statistics());
    assertThat(limits.files()).isGreaterThan(2 * limits.total());
  }

  private static ConnectionLimits limits(String more) {
    return ConnectionLimits.of(Descriptions.three("1GiB", more));
  }
}
