package ninefold.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import ninefold.description.Failover.EtcdTimings;
import ninefold.description.Failover.PatroniTimings;
import ninefold.description.Failover.VrrpTimings;
import org.junit.jupiter.api.Test;

class FailoverTest {

  @Test
  void documentedTimings_areCurrent() throws IOException {
    String page = Files.readString(FailoverTimingsReference.FILE);

    assertThat(page)
        .as("to update: exec:java -DmainClass=" + FailoverTimingsReference.class.getName())
        .isEqualTo(FailoverTimingsReference.updated(page));
  }

  @Test
  void timingsThatPatroniWouldChange_areRefused() {
    assertThatThrownBy(
            () -> patroni(Duration.ofSeconds(20), Duration.ofSeconds(1), Duration.ofSeconds(10)))
        .hasMessageContaining("Patroni would change");
    assertThatThrownBy(
            () -> patroni(Duration.ofSeconds(19), Duration.ofSeconds(1), Duration.ofSeconds(5)))
        .hasMessageContaining("Patroni would change");
  }

  @Test
  void timingsThatEtcdWouldRefuse_areRefused() {
    assertThatThrownBy(() -> new EtcdTimings(Duration.ofMillis(1001), Duration.ofSeconds(5)))
        .hasMessageContaining("etcd would refuse");
  }

  @Test
  void fractionsOfASecond_areRefused() {
    assertThatThrownBy(() -> new VrrpTimings(Duration.ofMillis(1500), Duration.ofSeconds(2)))
        .hasMessageContaining("whole seconds");
  }

  private static PatroniTimings patroni(Duration ttl, Duration loopWait, Duration retryTimeout) {
    return new PatroniTimings(
        ttl, loopWait, retryTimeout, Duration.ofSeconds(10), Duration.ofSeconds(20));
  }
}
