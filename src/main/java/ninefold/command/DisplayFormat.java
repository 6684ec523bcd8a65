package ninefold.command;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats sizes and times for screens. */
final class DisplayFormat {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};
  private static final int KIB = 1024;

  private DisplayFormat() {}

  /** Formats bytes with at most one decimal: {@code 0 B}, {@code 1.5 MiB}. */
  static String bytes(long bytes) {
    double amount = bytes;
    var unit = "B";
    for (int i = 0; i < UNITS.length && amount >= KIB; i++) {
      amount /= KIB;
      unit = UNITS[i];
    }
    var text = String.format(Locale.ROOT, amount < 10 ? "%.1f" : "%.0f", amount);
    return text.replaceFirst("\\.0$", "") + " " + unit;
  }

  /**
   * Formats a duration in a suitable unit: {@code 12 ms}, {@code 4 s}, {@code 3 min}, {@code 5 h}.
   */
  static String duration(Duration duration) {
    if (duration.toSeconds() < 1) {
      return duration.toMillis() + " ms";
    } else if (duration.toMinutes() < 2) {
      return duration.toSeconds() + " s";
    } else if (duration.toHours() < 2) {
      return duration.toMinutes() + " min";
    }
    return duration.toDays() < 2 ? duration.toHours() + " h" : duration.toDays() + " d";
  }

  /** Formats a time in UTC, to the minute. */
  static String moment(Instant instant) {
    return MINUTE.format(instant);
  }

  /** Formats a part of a whole in percent; {@code -} if the whole is 0. */
  static String percent(long part, long whole) {
    return whole == 0 ? "-" : Math.round(100.0 * part / whole) + " %";
  }
}
