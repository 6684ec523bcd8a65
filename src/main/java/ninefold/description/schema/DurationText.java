package ninefold.description.schema;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as a description writes them: a whole number and a unit, {@code 30min}. */
public final class DurationText {
  private static final Pattern FORM = Pattern.compile("(0|[1-9][0-9]{0,11})(ms|s|min|h|d)");

  private DurationText() {}

  /** The units, from the finest. */
  enum Unit {
    MILLISECONDS("ms", ChronoUnit.MILLIS),
    SECONDS("s", ChronoUnit.SECONDS),
    MINUTES("min", ChronoUnit.MINUTES),
    HOURS("h", ChronoUnit.HOURS),
    DAYS("d", ChronoUnit.DAYS);

    private final String symbol;
    private final Duration one;

    Unit(String symbol, ChronoUnit unit) {
      this.symbol = symbol;
      this.one = unit.getDuration();
    }

    /** The unit's symbol, which follows the number. */
    String symbol() {
      return symbol;
    }

    /** The duration of one unit. */
    Duration one() {
      return one;
    }

    /** The unit of a duration in a description, and all coarser units. */
    static List<Unit> from(String text) {
      Unit finest = of(parts(text).group(2));
      return Arrays.stream(values()).filter(unit -> unit.compareTo(finest) >= 0).toList();
    }

    private static Unit of(String symbol) {
      return Arrays.stream(values())
          .filter(unit -> unit.symbol.equals(symbol))
          .findFirst()
          .orElseThrow();
    }
  }

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException if the text is not a duration
   */
  public static Duration parse(String text) {
    Matcher parts = parts(text);
    return Unit.of(parts.group(2)).one.multipliedBy(Long.parseLong(parts.group(1)));
  }

  /** A duration as a description writes it, in the largest unit that gives a whole number. */
  public static String of(Duration duration) {
    return Arrays.stream(Unit.values())
        .sorted(Comparator.reverseOrder())
        .filter(unit -> unit.one.multipliedBy(duration.dividedBy(unit.one)).equals(duration))
        .filter(unit -> !duration.isZero() || unit == Unit.SECONDS)
        .findFirst()
        .map(unit -> duration.dividedBy(unit.one) + unit.symbol)
        .orElseThrow(() -> new IllegalArgumentException(duration + " has parts of a millisecond"));
  }

  private static Matcher parts(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a duration; write 30s or 5min");
    }
    return parts;
  }
}
