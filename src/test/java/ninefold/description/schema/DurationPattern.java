package ninefold.description.schema;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Generates regular expressions for ranges of durations. */
final class DurationPattern {
  private DurationPattern() {}

  /** The expression for durations from min to max, in the unit of min and coarser units. */
  static String of(String min, String max) {
    Duration shortest = DurationText.parse(min);
    Duration longest = DurationText.parse(max);
    List<String> forms = new ArrayList<>();
    for (DurationText.Unit unit : DurationText.Unit.from(min)) {
      long from = shortest.plus(unit.one()).minusNanos(1).dividedBy(unit.one());
      long to = longest.dividedBy(unit.one());
      if (from <= to) {
        forms.add("(" + String.join("|", numbers(from, to)) + ")" + unit.symbol());
      }
    }
    return "^(" + String.join("|", forms) + ")$";
  }

  /** Expressions for the numbers of a range, without leading zeros. */
  private static List<String> numbers(long from, long to) {
    List<String> forms = new ArrayList<>();
    long start = from;
    while (start <= to) {
      long end = Math.min(to, (long) Math.pow(10, String.valueOf(start).length()) - 1);
      forms.addAll(sameLength(String.valueOf(start), String.valueOf(end)));
      start = end + 1;
    }
    return forms;
  }

  private static List<String> sameLength(String from, String to) {
    if (from.equals(to)) {
      return List.of(from);
    }
    int rest = from.length() - 1;
    char low = from.charAt(0);
    char high = to.charAt(0);
    if (low == high) {
      return prefixed(low, sameLength(from.substring(1), to.substring(1)));
    }
    List<String> forms = new ArrayList<>();
    if (!from.substring(1).equals("0".repeat(rest))) {
      forms.addAll(prefixed(low, sameLength(from.substring(1), "9".repeat(rest))));
      low++;
    }
    boolean whole = to.substring(1).equals("9".repeat(rest));
    char last = whole ? high : (char) (high - 1);
    if (low <= last) {
      forms.add(digits(low, last) + "[0-9]".repeat(rest));
    }
    if (!whole) {
      forms.addAll(prefixed(high, sameLength("0".repeat(rest), to.substring(1))));
    }
    return forms;
  }

  private static String digits(char low, char high) {
    return low == high ? String.valueOf(low) : "[" + low + "-" + high + "]";
  }

  private static List<String> prefixed(char digit, List<String> forms) {
    return forms.stream().map(form -> digit + form).toList();
  }
}
