package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WriteLogTest {
  private static final long START = Long.MAX_VALUE - 2_000_000_000L;

  private final WriteLog log = new WriteLog();

  @Test
  void acknowledgedAndAbsent_isMissing() {
    log.acknowledged(1, START, "a");
    log.acknowledged(2, START, "a");
    var compared = log.compare(Set.of(1L));
    assertThat(compared.missing()).containsExactly(2L);
    assertThat(compared.clean()).isFalse();
  }

  @Test
  void failedAndPresent_isUnexpected() {
    log.failed(1, "read only");
    assertThat(log.compare(Set.of(1L)).unexpected()).containsExactly(1L);
  }

  @Test
  void neverWrittenAndPresent_isUnexpected() {
    assertThat(log.compare(Set.of(7L)).unexpected()).containsExactly(7L);
  }

  @Test
  void unknownWrites_mayBePresent() {
    log.unknown(1, "connection lost");
    log.unknown(2, "connection lost");
    var compared = log.compare(Set.of(1L));
    assertThat(compared.clean()).isTrue();
    assertThat(compared.unknownPresent()).isEqualTo(1);
  }

  @Test
  void longestGap_spansAllConnections() {
    log.acknowledged(2, START + millis(900), "a");
    log.acknowledged(1, START + millis(100), "a");
    log.acknowledged(3, START + millis(400), "b");
    assertThat(log.longestGap(START, START + millis(1000))).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void longestGap_includesTheEnd() {
    log.acknowledged(1, START + millis(100), "a");
    assertThat(log.longestGap(START, START + millis(3000))).isEqualTo(Duration.ofMillis(2900));
  }

  @Test
  void longestGap_withoutAcknowledgments_isTheWholeTime() {
    assertThat(log.longestGap(START, START + millis(5))).isEqualTo(Duration.ofMillis(5));
  }

  @Test
  void since_handlesClockOverflow() {
    log.acknowledged(1, START, "a");
    log.acknowledged(2, START + millis(3000), "a");
    assertThat(log.since(START + millis(1000))).extracting("id").containsExactly(2L);
  }

  @Test
  void errors_areCounted() {
    log.failed(1, "read only");
    log.unknown(2, "lost");
    log.unknown(3, "lost");
    assertThat(log.errors()).containsEntry("read only", 1).containsEntry("lost", 2);
  }

  private static long millis(long millis) {
    return millis * 1_000_000;
  }
}
