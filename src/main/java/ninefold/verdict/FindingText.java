package ninefold.verdict;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Formats names and figures for findings. */
final class FindingText {
  private static final long KIB = 1 << 10;

  private FindingText() {}

  /** A constant's name as a keyword: {@code NO_LEADER} is {@code no-leader}. */
  static String kebab(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@code a}, {@code a and b}, or {@code a, b and c}; in the given order. */
  static String list(Collection<String> names) {
    List<String> all = List.copyOf(names);
    if (all.size() < 2) {
      return String.join("", all);
    }
    return all.subList(0, all.size() - 1).stream().collect(joining(", "))
        + " and "
        + all.get(all.size() - 1);
  }

  /** {@code 1 segment}, {@code 2 segments}. */
  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** The verb after a number of things: {@code waits} after 1, else {@code wait}. */
  static String verb(long number, String plural) {
    return number == 1 ? plural + "s" : plural;
  }

  /** Bytes in a suitable unit: {@code 16.5 MiB}. */
  static String bytes(long bytes) {
    double amount = bytes;
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (Math.abs(amount) >= KIB && unit < units.length - 1) {
      amount /= KIB;
      unit++;
    }
    return unit == 0 ? bytes + " bytes" : decimal(amount) + " " + units[unit];
  }

  /** Seconds as {@code 12 s}, {@code 3 min}, {@code 5 h} or {@code 4 d}. */
  static String duration(double seconds) {
    double size = Math.abs(seconds);
    if (size < 120) {
      return decimal(seconds) + " s";
    } else if (size < 7200) {
      return decimal(seconds / 60) + " min";
    }
    return size < 172_800 ? decimal(seconds / 3600) + " h" : decimal(seconds / 86_400) + " d";
  }

  /** A number with at most one decimal. */
  static String decimal(double number) {
    String text = String.format(Locale.ROOT, "%.1f", number);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
