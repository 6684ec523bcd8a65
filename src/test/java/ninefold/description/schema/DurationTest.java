package ninefold.description.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTest {
  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S, 500ms",
    "10s, PT10S, 10s",
    "60s, PT60S, 1min",
    "30min, PT30M, 30min",
    "48h, PT48H, 2d",
    "26h, PT26H, 26h",
    "7d, P7D, 7d",
    "0d, PT0S, 0s"
  })
  void readsAndWritesUnits(String text, Duration duration, String written) {
    assertThat(DurationText.parse(text)).isEqualTo(duration);
    assertThat(DurationText.of(duration)).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "30 min", "1.5h", "-1s", "05s", "1m", "1w", "PT5S", "1h30min"})
  void refusesOtherForms(String text) {
    assertThatThrownBy(() -> DurationText.parse(text))
        .hasMessage("'" + text + "' is not a duration; write 30s or 5min");
  }

  @ParameterizedTest
  @CsvSource({
    "5s, 1h",
    "30s, 24h",
    "1min, 24h",
    "1h, 366d",
    "0s, 24h",
    "0d, 365d",
    "10ms, 1min",
    "1d, 3650d"
  })
  void patternAcceptsExactlyTheRange(String min, String max) {
    String pattern = DurationPattern.of(min, max);
    Duration least = DurationText.parse(min);
    Duration most = DurationText.parse(max);

    for (DurationText.Unit unit : DurationText.Unit.values()) {
      boolean taken = DurationText.Unit.from(min).contains(unit);
      long beyond = Math.min(most.dividedBy(unit.one()) + 12, 100_000);
      for (long number = 0; number <= beyond; number++) {
        Duration duration = unit.one().multipliedBy(number);
        assertThat((number + unit.symbol()).matches(pattern))
            .as(number + unit.symbol())
            .isEqualTo(taken && duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0);
      }
    }
  }

  @Test
  void patternTakesNoLeadingZeros() {
    assertThat("05s").doesNotMatch(DurationPattern.of("0s", "1h"));
  }
}
