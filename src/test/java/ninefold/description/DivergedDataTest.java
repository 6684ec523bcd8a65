package ninefold.description;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DivergedDataTest {
  @ParameterizedTest
  @CsvSource({
    "AUTOMATIC, ASYNC, false",
    "AUTOMATIC, SYNC, true",
    "AUTOMATIC, QUORUM, true",
    "KEEP, SYNC, false",
    "REMOVE, ASYNC, true",
  })
  void automatic_keepsDataOnlyWithAsync(DivergedData word, Durability durability, boolean removed) {
    assertThat(word.removed(durability)).isEqualTo(removed);
  }
}
