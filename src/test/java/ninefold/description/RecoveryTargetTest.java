package ninefold.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RecoveryTargetTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "latest | --type=default",
        "2030-01-31T02:15:00Z | --type=time --target=2030-01-31 02:15:00.000000+00:00",
        "2030-01-31 02:15:00.123+02:00 | --type=time --target=2030-01-31 02:15:00.123000+02:00",
        "2030-01-31 02:15:00+02 | --type=time --target=2030-01-31 02:15:00.000000+02:00",
        "lsn:16/B374D848 | --type=lsn --target=16/B374D848",
        "xid:1234 | --type=xid --target=1234",
        "name:before-import | --type=name --target=before-import",
        "set:20300131-030000F_20300201-030000D"
            + " | --set=20300131-030000F_20300201-030000D --type=immediate",
      })
  void target_becomesOptionsOfPgBackRest(String text, String options) {
    assertThat(String.join(" ", RecoveryTarget.parse(text).options())).isEqualTo(options);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "latest:1",
        "yesterday",
        "2030-01-31",
        "2030-02-30T02:15:00Z",
        "2030-01-31T02:15:00",
        "lsn:0/1;reboot",
        "xid:0",
        "name:$(reboot)",
        "name:-x",
        "set:newest"
      })
  void otherText_isRefused_withTheNotation(String text) {
    assertThatThrownBy(() -> RecoveryTarget.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("2030-01-31T02:15:00Z");
  }

  @Test
  void target_isWrittenAsItIsRead() {
    for (var text : new String[] {"latest", "2030-01-31T02:15:00Z", "lsn:1/2", "name:a"}) {
      assertThat(RecoveryTarget.parse(text)).hasToString(text);
    }
  }
}
