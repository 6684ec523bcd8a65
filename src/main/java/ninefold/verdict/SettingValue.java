package ninefold.verdict;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import ninefold.description.NumberWithUnit;

/**
 * Compares a value of the description with the value that PostgreSQL uses. It parses both as
 * PostgreSQL parses its configuration (guc.c).
 */
final class SettingValue {
  /** The result of a comparison. */
  enum Outcome {
    /** The values are equal. */
    SAME,
    /** The values differ. */
    OTHER,
    /** The value of the description is not valid for the parameter's type. */
    UNREADABLE
  }

  /** {@code pg_settings} prints six digits of a number. */
  private static final double PRECISION = 1e-5;

  /** Lists, in which spaces around commas do not matter. */
  private static final Set<String> LISTS =
      Set.of(
          "shared_preload_libraries",
          "session_preload_libraries",
          "local_preload_libraries",
          "search_path",
          "temp_tablespaces",
          "log_destination",
          "wal_consistency_checking",
          "debug_io_direct",
          "createrole_self_grant",
          "restrict_nonsystem_relation_kind",
          "pgaudit.log");

  /** Texts whose case does not matter. */
  private static final Set<String> ANY_CASE = Set.of("timezone", "log_timezone");

  /** Values that let PostgreSQL choose; {@code pg_settings} then shows the chosen value. */
  private static final Map<String, String> AUTOMATIC =
      Map.of(
          "wal_buffers", "-1",
          "commit_timestamp_buffers", "0",
          "subtransaction_buffers", "0",
          "transaction_buffers", "0",
          "io_max_concurrency", "-1");

  /** Aliases of the values of enums, by parameter. */
  private static final Map<String, Map<String, String>> ALIASES =
      Map.of(
          "wal_level", Map.of("archive", "replica", "hot_standby", "replica"),
          "wal_compression", Map.of("on", "pglz"),
          "log_min_messages", Map.of("debug", "debug2"),
          "client_min_messages", Map.of("debug", "debug2"),
          "log_min_error_statement", Map.of("debug", "debug2"));

  private SettingValue() {}

  /**
   * Compares a described value with PostgreSQL's.
   *
   * @param name the parameter, in lower case
   * @param described the value in the description
   * @param actual the setting of PostgreSQL
   */
  static Outcome compare(String name, String described, PostgresqlFacts.Setting actual) {
    if (described.strip().equals(AUTOMATIC.get(name))) {
      return Outcome.SAME;
    }
    return switch (actual.type()) {
      case "bool" -> outcome(bool(described), bool(actual.value()));
      case "integer" -> integer(described, actual);
      case "real" -> real(described, actual);
      case "string" -> same(sameText(name, described, actual.value()));
      case "enum" -> same(choice(name, described).equals(choice(name, actual.value())));
      default -> same(described.equals(actual.value()));
    };
  }

  private static Outcome same(boolean same) {
    return same ? Outcome.SAME : Outcome.OTHER;
  }

  private static <T> Outcome outcome(Optional<T> described, Optional<T> actual) {
    return described.isEmpty() ? Outcome.UNREADABLE : same(described.equals(actual));
  }

  /** Parses a boolean by PostgreSQL's rules: each word may be abbreviated to a unique prefix. */
  static Optional<Boolean> bool(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    boolean yes = word.equals("1") || starts(word, "on", "true", "yes");
    boolean no = word.equals("0") || starts(word, "off", "false", "no");
    // The empty text and "o" are prefixes of words of both kinds.
    return yes == no ? Optional.empty() : Optional.of(yes);
  }

  private static boolean starts(String word, String... whole) {
    return Arrays.stream(whole).anyMatch(it -> it.startsWith(word));
  }

  private static Outcome integer(String described, PostgresqlFacts.Setting actual) {
    Optional<Double> wanted = NumberWithUnit.parse(described).flatMap(it -> it.in(actual.unit()));
    Optional<Double> runs = NumberWithUnit.parse(actual.value()).map(NumberWithUnit::number);
    return outcome(wanted.map(Math::rint), runs.map(Math::rint));
  }

  private static Outcome real(String described, PostgresqlFacts.Setting actual) {
    Optional<Double> wanted = NumberWithUnit.parse(described).flatMap(it -> it.in(actual.unit()));
    Optional<Double> runs = NumberWithUnit.parse(actual.value()).map(NumberWithUnit::number);
    if (wanted.isEmpty() || runs.isEmpty()) {
      return wanted.isEmpty() ? Outcome.UNREADABLE : Outcome.OTHER;
    }
    double difference = Math.abs(wanted.get() - runs.get());
    return same(difference <= PRECISION * Math.max(Math.abs(wanted.get()), Math.abs(runs.get())));
  }

  /** The canonical name of an enum's value. */
  private static String choice(String name, String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    String usual =
        switch (word) {
          case "true", "yes", "1" -> "on";
          case "false", "no", "0" -> "off";
          default -> word;
        };
    return ALIASES.getOrDefault(name, Map.of()).getOrDefault(usual, usual);
  }

  private static boolean sameText(String name, String described, String actual) {
    if (name.equals("datestyle")) {
      // A part that is missing keeps its default.
      return elements(actual.toLowerCase(Locale.ROOT))
          .containsAll(elements(described.toLowerCase(Locale.ROOT)));
    }
    return text(name, described).equals(text(name, actual));
  }

  private static String text(String name, String text) {
    if (name.equals("client_encoding")) {
      return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }
    if (ANY_CASE.contains(name)) {
      return text.toLowerCase(Locale.ROOT);
    }
    return LISTS.contains(name) ? String.join(",", elements(text)) : text;
  }

  private static List<String> elements(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(element -> !element.isEmpty())
        .toList();
  }
}
