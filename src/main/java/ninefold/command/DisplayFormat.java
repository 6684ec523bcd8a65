package ninefold.command;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How screens write sizes and times. */
final class DisplayFormat {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};
  private static final int KIB = 1024;

  private DisplayFormat() {}

  /** Bytes with at most one decimal: {@code 0 B}, {@code 1.5 MiB}. */
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

  /** A duration in its largest unit: {@code 12 ms}, {@code 4 s}, {@code 3 min}, {@code 5 h}. */
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

  /** A moment, to the minute, UTC. */
  static String moment(Instant instant) {
    return MINUTE.format(instant);
  }

  /** A part of a whole in percent; 0 of nothing. */
  static String percent(long part, long whole) {
    return whole == 0 ? "-" : Math.round(100.0 * part / whole) + " %";
  }
}
