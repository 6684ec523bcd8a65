package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WriteReportTest {
  private static final Duration TARGET = Duration.ofSeconds(2);

  @Test
  void threeTimesTheTarget_isAllowed() {
    assertThatCode(() -> withGapOf(6000).requireGapWithin(TARGET)).doesNotThrowAnyException();
  }

  @Test
  void moreThanThreeTimesTheTarget_fails_namingBoth() {
    assertThatThrownBy(() -> withGapOf(6001).requireGapWithin(TARGET))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("a fault", "6001 ms", "2000 ms");
  }

  @Test
  void line_showsGapAndTarget() {
    assertThat(withGapOf(2210).line(TARGET))
        .matches("a fault +longest gap +2210 ms of +2000 ms, acknowledged .*");
  }

  private static WriteReport withGapOf(long millis) {
    return new WriteReport("a fault", Duration.ofMillis(millis), new WriteLog(), Map.of());
  }
}
