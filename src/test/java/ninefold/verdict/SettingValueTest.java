package ninefold.verdict;

import static ninefold.verdict.SettingValue.Outcome.OTHER;
import static ninefold.verdict.SettingValue.Outcome.SAME;
import static ninefold.verdict.SettingValue.Outcome.UNREADABLE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import ninefold.description.NumberWithUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Comparison of settings, by the rules of PostgreSQL's guc.c. */
class SettingValueTest {
  private static final Map<String, Long> BYTES =
      Map.of("B", 1L, "kB", 1L << 10, "MB", 1L << 20, "GB", 1L << 30, "TB", 1L << 40);
  private static final Map<String, Long> MICROSECONDS =
      Map.of(
          "us", 1L,
          "ms", 1000L,
          "s", 1_000_000L,
          "min", 60_000_000L,
          "h", 3_600_000_000L,
          "d", 86_400_000_000L);

  private static SettingValue.Outcome compare(
      String name, String described, String type, String value, String unit) {
    return SettingValue.compare(
        name,
        described,
        new PostgresqlFacts.Setting(value, Optional.ofNullable(unit), type, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      quoteCharacter = '"',
      textBlock =
          """
          work_mem                  | 8MB          | integer | 8192          | kB
          work_mem                  | 8192         | integer | 8192          | kB
          work_mem                  | 0.5GB        | integer | 524288        | kB
          shared_buffers            | 128MB        | integer | 16384         | 8kB
          shared_buffers            | 16384        | integer | 16384         | 8kB
          shared_buffers            | 30.1GB       | integer | 3945216       | 8kB
          max_slot_wal_keep_size    | 4GB          | integer | 4096          | MB
          max_slot_wal_keep_size    | -1           | integer | -1            | MB
          wal_keep_size             | 1500kB       | integer | 1             | MB
          temp_file_limit           | 1 TB         | integer | 1073741824    | kB
          backend_flush_after       | 512kB        | integer | 64            | 8kB
          log_parameter_max_length  | 1kB          | integer | 1024          | B
          archive_timeout           | 1min         | integer | 60            | s
          archive_timeout           | 60000ms      | integer | 60            | s
          checkpoint_timeout        | 1h           | integer | 3600          | s
          statement_timeout         | 1d           | integer | 86400000      | ms
          statement_timeout         | 1.5min       | integer | 90000         | ms
          log_rotation_age          | 1d           | integer | 1440          | min
          log_rotation_age          | 1440         | integer | 1440          | min
          unix_socket_permissions   | 0777         | integer | 511           | -
          log_file_mode             | 0600         | integer | 0600          | -
          max_connections           | 0x64         | integer | 100           | -
          max_connections           | ' 100 '      | integer | 100           | -
          wal_buffers               | -1           | integer | 512           | 8kB
          transaction_buffers       | 0            | integer | 128           | 8kB
          vacuum_cost_delay         | 2            | real    | 2             | ms
          vacuum_cost_delay         | 500us        | real    | 0.5           | ms
          vacuum_cost_delay         | 0            | real    | 0             | ms
          checkpoint_completion_target | .9        | real    | 0.9           | -
          checkpoint_completion_target | 9e-1      | real    | 0.9           | -
          seq_page_cost             | 1.0          | real    | 1             | -
          random_page_cost          | 1.23456789   | real    | 1.23457       | -
          jit                       | on           | bool    | on            | -
          jit                       | TRUE         | bool    | on            | -
          jit                       | 1            | bool    | on            | -
          jit                       | y            | bool    | on            | -
          jit                       | tr           | bool    | on            | -
          jit                       | of           | bool    | off           | -
          jit                       | no           | bool    | off           | -
          jit                       | 0            | bool    | off           | -
          wal_level                 | Logical      | enum    | logical       | -
          wal_level                 | hot_standby  | enum    | replica       | -
          archive_mode              | true         | enum    | on            | -
          archive_mode              | 0            | enum    | off           | -
          wal_compression           | on           | enum    | pglz          | -
          synchronous_commit        | yes          | enum    | on            | -
          log_min_messages          | debug        | enum    | debug2        | -
          shared_preload_libraries  | a, b         | string  | a,b           | -
          pgaudit.log               | ddl, role    | string  | ddl,role      | -
          datestyle                 | iso          | string  | "ISO, MDY"    | -
          datestyle                 | "german,dmy" | string  | "German, DMY" | -
          timezone                  | europe/paris | string  | Europe/Paris  | -
          client_encoding           | utf-8        | string  | UTF8          | -
          log_line_prefix           | "%m [%p] "   | string  | "%m [%p] "    | -
          """)
  void equalValues_areSame(String name, String described, String type, String value, String unit) {
    String written = described.replace("'", "");

    assertThat(compare(name, written, type, value, unit)).isEqualTo(SAME);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      quoteCharacter = '"',
      textBlock =
          """
          work_mem                  | 8MB         | integer | 4096          | kB
          work_mem                  | 8           | integer | 8192          | kB
          shared_buffers            | 128MB       | integer | 131072        | 8kB
          archive_timeout           | 60ms        | integer | 60            | s
          wal_buffers               | 16MB        | integer | 512           | 8kB
          random_page_cost          | 1.1         | real    | 4             | -
          checkpoint_completion_target | 0.9      | real    | 0.9001        | -
          jit                       | on          | bool    | off           | -
          wal_level                 | logical     | enum    | replica       | -
          archive_mode              | always      | enum    | on            | -
          shared_preload_libraries  | a, b        | string  | "b,a"         | -
          datestyle                 | "iso, dmy"  | string  | "ISO, MDY"    | -
          archive_command           | /bin/True   | string  | /bin/true     | -
          log_line_prefix           | "a, b"      | string  | "a,b"         | -
          log_line_prefix           | "%m "       | string  | "%m"          | -
          """)
  void differentValues_areOther(
      String name, String described, String type, String value, String unit) {
    assertThat(compare(name, described, type, value, unit)).isEqualTo(OTHER);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "integer, 8mb, kB",
        "integer, 8KB, kB",
        "integer, 8Gb, kB",
        "integer, 8M, kB",
        "integer, 8 MB MB, kB",
        "integer, MB, kB",
        "integer, 5MB, ms",
        "integer, 5s, kB",
        "integer, 5kB, -",
        "integer, 5minutes, s",
        "integer, '', s",
        "real, cheap, -",
        "real, 1S, ms",
        "bool, o, -",
        "bool, '', -",
        "bool, onn, -",
        "bool, 2, -",
        "bool, truee, -"
      })
  void invalidValue_isUnreadable(String type, String described, String unit) {
    assertThat(compare("some_parameter", described, type, type.equals("bool") ? "on" : "5", unit))
        .isEqualTo(UNREADABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8mb", "8 KB", "1.5Min", "3H"})
  void unitInWrongCase_isSuggested(String text) {
    NumberWithUnit amount = NumberWithUnit.parse(text).orElseThrow();

    assertThat(amount.isKnown()).isFalse();
    assertThat(amount.meant())
        .hasValueSatisfying(unit -> assertThat(amount.unit()).isNotEqualTo(unit));
  }

  @Test
  void unitOfPostgresql_isKnown() {
    assertThat(BYTES.keySet())
        .allMatch(unit -> NumberWithUnit.parse("1" + unit).orElseThrow().isKnown());
    assertThat(MICROSECONDS.keySet())
        .allMatch(unit -> NumberWithUnit.parse("1" + unit).orElseThrow().isKnown());
  }

  /** The value that PostgreSQL shows for an amount equals it, in every unit. */
  @RepeatedTest(50)
  void amount_isSameInEveryUnit(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    for (Map<String, Long> kind : List.of(BYTES, MICROSECONDS)) {
      List<String> units = List.copyOf(kind.keySet());
      String written = units.get(random.nextInt(units.size()));
      String base = units.get(random.nextInt(units.size()));
      long pages = base.equals("kB") && random.nextBoolean() ? 8 : 1;
      long number = 1L + random.nextInt(1000);
      long whole = number * kind.get(written);
      long one = pages * kind.get(base);
      String unit = pages == 1 ? base : pages + base;
      String described = number + " ".repeat(random.nextInt(2)) + written;
      long shown = Math.round(Math.rint((double) whole / one));

      assertThat(compare("some_parameter", described, "integer", String.valueOf(shown), unit))
          .as("%s in %s is %d", described, unit, shown)
          .isEqualTo(SAME);
      assertThat(compare("some_parameter", described, "integer", String.valueOf(shown + 1), unit))
          .as("%s in %s is not %d", described, unit, shown + 1)
          .isEqualTo(OTHER);
    }
  }

  @Test
  void uniquePrefix_isABoolean() {
    for (String word : List.of("true", "yes", "on", "false", "no", "off")) {
      boolean expected = List.of("true", "yes", "on").contains(word);
      for (int length = word.startsWith("o") ? 2 : 1; length <= word.length(); length++) {
        assertThat(SettingValue.bool(word.substring(0, length))).contains(expected);
      }
    }
  }
}
