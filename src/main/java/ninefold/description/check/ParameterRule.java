package ninefold.description.check;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import ninefold.description.NumberWithUnit;
import ninefold.description.problem.ProblemText;

/**
 * The values that a parameter of PostgreSQL may have, in some versions.
 *
 * @param name the parameter, in lower case
 * @param type the type of its values
 * @param unit the unit of a plain number, such as {@code 8kB}; empty if it has none
 * @param min the smallest number; infinite if there is none
 * @param max the largest number; infinite if there is none
 * @param values the words of an enum
 * @param from the first major version to which the rule applies
 * @param before the first major version to which it no longer applies
 * @param instead what Patroni uses instead of a number below its own minimum; empty if Patroni has
 *     no minimum
 */
record ParameterRule(
    String name,
    Type type,
    String unit,
    double min,
    double max,
    List<String> values,
    int from,
    int before,
    String instead) {

  /** Types of values, named as in {@code pg_settings.vartype}. */
  enum Type {
    BOOL,
    ENUM,
    INTEGER,
    REAL,
    STRING
  }

  private static final List<String> BOOLEANS =
      List.of("on", "off", "true", "false", "yes", "no", "1", "0");

  private static final String ALLOWED_BOOLEANS = "allowed: " + String.join(", ", BOOLEANS);

  /** Numbers that both Patroni and PostgreSQL can read, with or without a unit. */
  private static final Map<Type, Pattern> NUMBERS =
      Map.of(
          Type.INTEGER,
          Pattern.compile(
              " *[-+]?(0x[0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*|[0-9]*\\.[0-9]+([eE][-+]?[0-9]+)?"
                  + "|[0-9]+[eE][-+]?[0-9]+) *[A-Za-z]* *"),
          Type.REAL,
          Pattern.compile(" *[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)? *[A-Za-z]* *"));

  /**
   * Common spellings of units, each with PostgreSQL's own. If one is ambiguous, the parameter's
   * units decide.
   */
  private static final List<Map.Entry<Set<String>, String>> SPELLINGS =
      List.of(
          Map.entry(Set.of("byte", "bytes"), "B"),
          Map.entry(Set.of("k", "ki", "kb", "kib"), "kB"),
          Map.entry(Set.of("m", "mi", "mb", "mib", "meg", "megs"), "MB"),
          Map.entry(Set.of("g", "gi", "gb", "gib", "gig", "gigs"), "GB"),
          Map.entry(Set.of("t", "ti", "tb", "tib"), "TB"),
          Map.entry(Set.of("usec", "usecs", "microseconds"), "us"),
          Map.entry(Set.of("msec", "msecs", "millis", "milliseconds"), "ms"),
          Map.entry(Set.of("sec", "secs", "second", "seconds"), "s"),
          Map.entry(Set.of("m", "mins", "minute", "minutes"), "min"),
          Map.entry(Set.of("hr", "hrs", "hour", "hours"), "h"),
          Map.entry(Set.of("day", "days"), "d"));

  /** Keeps an immutable copy of the values. */
  ParameterRule {
    values = List.copyOf(values);
  }

  /** Reads a line of the catalogue. */
  static ParameterRule read(String line) {
    String[] fields = line.split("\t", -1);
    return new ParameterRule(
        fields[0],
        Type.valueOf(fields[1].toUpperCase(Locale.ROOT)),
        fields[2],
        number(fields[3], Double.NEGATIVE_INFINITY),
        number(fields[4], Double.POSITIVE_INFINITY),
        fields[5].isEmpty() ? List.of() : List.of(fields[5].split(",", -1)),
        fields[6].isEmpty() ? 0 : Integer.parseInt(fields[6]),
        fields[7].isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(fields[7]),
        fields[8]);
  }

  private static double number(String field, double none) {
    return field.isEmpty() ? none : Double.parseDouble(field);
  }

  /** Whether the rule applies to a major version. */
  boolean appliesTo(int version) {
    return from <= version && version < before;
  }

  /** Returns why a value is refused, or nothing if it is allowed. */
  Optional<ManagedParameters.Refusal> checkValue(String value) {
    return switch (type) {
      case BOOL ->
          BOOLEANS.contains(toLowerCase(value))
              ? Optional.empty()
              : refuseWord(value, ALLOWED_BOOLEANS);
      case ENUM ->
          isWord(toLowerCase(value))
              ? Optional.empty()
              : refuseWord(value, ProblemText.didYouMean(toLowerCase(value), values));
      case INTEGER, REAL -> checkNumber(value);
      case STRING -> Optional.empty();
    };
  }

  /** An enum with the value {@code on} accepts every spelling of a boolean. */
  private boolean isWord(String word) {
    return values.contains(word) || (values.contains("on") && BOOLEANS.contains(word));
  }

  private static String toLowerCase(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static Optional<ManagedParameters.Refusal> refuseWord(String value, String remedy) {
    return Optional.of(
        new ManagedParameters.Refusal(ProblemText.quote(value) + " is not allowed", remedy));
  }

  private Optional<ManagedParameters.Refusal> checkNumber(String value) {
    Optional<NumberWithUnit> read =
        NumberWithUnit.parse(value).filter(parsed -> NUMBERS.get(type).matcher(value).matches());
    if (read.isEmpty()) {
      return refusal(value, "is not a number", "");
    }
    NumberWithUnit amount = read.get();
    Optional<Double> number = amount.in(Optional.of(unit));
    if (number.isEmpty()) {
      return unit.isEmpty()
          ? refusal(value, "has a unit, but the parameter has none", "")
          : wrongUnit(value, amount.unit());
    }
    return type == Type.INTEGER
        ? checkInteger(value, amount, number.get())
        : checkRange(value, number.get());
  }

  private Optional<ManagedParameters.Refusal> checkInteger(
      String value, NumberWithUnit amount, double number) {
    double whole = Math.rint(number);
    if (amount.unit().isEmpty() && whole != number) {
      return refusal(value, "is not a whole number", "");
    }
    if (whole == 0 && amount.number() != 0) {
      return refusal(
          value, "is less than half of the unit, " + unit + ", and would be rounded to 0", "");
    }
    return checkRange(value, whole);
  }

  private Optional<ManagedParameters.Refusal> checkRange(String value, double number) {
    if (number < min && !instead.isEmpty()) {
      return refusal(
          value, "is less than Patroni accepts: Patroni would use " + instead + " instead", "");
    }
    return number < min || number > max ? refusal(value, "is out of range", "") : Optional.empty();
  }

  private Optional<ManagedParameters.Refusal> wrongUnit(String value, String written) {
    List<String> units = NumberWithUnit.units(unit);
    String meant =
        units.stream()
            .filter(known -> known.equalsIgnoreCase(written) || isSpelling(written, known))
            .findFirst()
            .map(known -> "write " + value.strip().replace(written, "").strip() + known + "; ")
            .orElse("");
    return refusal(
        value, "has the unit " + written + ", which the parameter does not accept", meant);
  }

  private static boolean isSpelling(String written, String unit) {
    return SPELLINGS.stream()
        .anyMatch(
            spelling ->
                spelling.getValue().equals(unit)
                    && spelling.getKey().contains(toLowerCase(written)));
  }

  private Optional<ManagedParameters.Refusal> refusal(String value, String found, String remedy) {
    return Optional.of(
        new ManagedParameters.Refusal(
            ProblemText.quote(value) + " " + found, remedy + "allowed: " + allowed()));
  }

  private String allowed() {
    String range = Double.isInfinite(max) ? text(min) + " or more" : text(min) + " to " + text(max);
    return unit.isEmpty()
        ? range
        : "%s in units of %s, or with a unit: %s"
            .formatted(range, unit, String.join(", ", NumberWithUnit.units(unit)));
  }

  private static String text(double number) {
    return new BigDecimal(String.valueOf(number)).stripTrailingZeros().toPlainString();
  }
}
