package ninefold.description;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number with a unit, as in PostgreSQL's configuration.
 *
 * @param number the number
 * @param unit the unit; empty if there is none
 */
public record NumberWithUnit(double number, String unit) {
  private static final Pattern FORM =
      Pattern.compile(
          "\\s*([-+]?)(0[xX][0-9a-fA-F]+|[0-9]+(?:\\.[0-9]*)?(?:[eE][-+]?[0-9]+)?"
              + "|\\.[0-9]+(?:[eE][-+]?[0-9]+)?)\\s*([A-Za-z]*)\\s*");

  /** Units of memory in bytes and of time in microseconds, from the largest to the smallest. */
  private static final List<List<Unit>> KINDS =
      List.of(
          List.of(
              new Unit("TB", 0x1p40),
              new Unit("GB", 0x1p30),
              new Unit("MB", 0x1p20),
              new Unit("kB", 0x1p10),
              new Unit("B", 1)),
          List.of(
              new Unit("d", 86_400e6),
              new Unit("h", 3600e6),
              new Unit("min", 60e6),
              new Unit("s", 1e6),
              new Unit("ms", 1e3),
              new Unit("us", 1)));

  private record Unit(String name, double size) {}

  /** Reads a number and its unit; empty if the text does not have this form. */
  public static Optional<NumberWithUnit> parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    double number = number(parts.group(2));
    return Optional.of(
        new NumberWithUnit(parts.group(1).equals("-") ? -number : number, parts.group(3)));
  }

  /** Digits as C reads them: hexadecimal after 0x, octal after 0. */
  private static double number(String digits) {
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      return new BigInteger(digits.substring(2), 16).doubleValue();
    }
    return digits.matches("0[0-7]+")
        ? new BigInteger(digits, 8).doubleValue()
        : Double.parseDouble(digits);
  }

  /** The units that a parameter accepts, by its own unit; none if that is not a known unit. */
  public static List<String> units(String base) {
    return parse(base)
        .or(() -> parse("1" + base))
        .flatMap(one -> KINDS.stream().filter(kind -> place(kind, one.unit) >= 0).findFirst())
        .map(kind -> kind.stream().map(Unit::name).toList())
        .orElse(List.of());
  }

  /** Whether PostgreSQL knows the unit, or there is none. */
  public boolean isKnown() {
    return unit.isEmpty() || KINDS.stream().anyMatch(kind -> place(kind, unit) >= 0);
  }

  /** The unit that was probably meant: one that differs only in case. */
  public Optional<String> meant() {
    return KINDS.stream()
        .flatMap(List::stream)
        .map(Unit::name)
        .filter(unit::equalsIgnoreCase)
        .findFirst();
  }

  /**
   * The number in a parameter's unit.
   *
   * @param base the parameter's unit, such as {@code 8kB}; empty if it has none
   * @return the number; empty if the parameter does not accept the unit
   */
  public Optional<Double> in(Optional<String> base) {
    if (unit.isEmpty()) {
      return Optional.of(number);
    }
    return base.filter(text -> !text.isEmpty())
        .flatMap(text -> parse(text).or(() -> parse("1" + text)))
        .flatMap(
            one ->
                KINDS.stream()
                    .filter(kind -> place(kind, unit) >= 0 && place(kind, one.unit) >= 0)
                    .map(kind -> rounded(kind) / (one.number * size(kind, one.unit)))
                    .findFirst());
  }

  /** The amount, rounded as PostgreSQL does to the next smaller unit: 30.1GB are 30822MB. */
  private double rounded(List<Unit> kind) {
    int place = place(kind, unit);
    double amount = number * kind.get(place).size();
    if (place == kind.size() - 1) {
      return amount;
    }
    double smaller = kind.get(place + 1).size();
    return Math.rint(amount / smaller) * smaller;
  }

  private static double size(List<Unit> kind, String unit) {
    return kind.get(place(kind, unit)).size();
  }

  private static int place(List<Unit> kind, String unit) {
    return kind.stream().map(Unit::name).toList().indexOf(unit);
  }
}
