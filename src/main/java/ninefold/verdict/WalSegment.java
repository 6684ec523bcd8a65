package ninefold.verdict;

import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A WAL segment: 16 MiB of a timeline.
 *
 * @param timeline the timeline
 * @param number its number, counted from position 0 in the WAL
 */
record WalSegment(long timeline, long number) implements Comparable<WalSegment> {
  /** The number of segments with the same middle part of the name. */
  private static final long IN_A_LOG = 256;

  private static final int HALF = 8;
  private static final int WHOLE = 16;
  private static final int HEXADECIMAL = 16;
  private static final Pattern NAME = Pattern.compile("[0-9A-F]{24}");
  private static final Pattern NUMBER = Pattern.compile("[0-9A-F]{8}000000[0-9A-F]{2}");

  /**
   * Reads a segment's name, 24 hexadecimal digits.
   *
   * @throws IllegalArgumentException if the text has a different format
   */
  static WalSegment parse(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("'" + name + "' is not the name of a WAL segment");
    }
    return new WalSegment(
        Long.parseLong(name.substring(0, HALF), HEXADECIMAL), number(name.substring(HALF)));
  }

  /**
   * Reads the part of a segment's name that comes after its timeline, 16 hexadecimal digits.
   *
   * @throws IllegalArgumentException if the text has a different format
   */
  static long number(String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw new IllegalArgumentException("'" + text + "' is not the number of a WAL segment");
    }
    long log = Long.parseLong(text.substring(0, HALF), HEXADECIMAL);
    return log * IN_A_LOG + Long.parseLong(text.substring(HALF, WHOLE), HEXADECIMAL);
  }

  /** Orders by timeline, then by number, as recovery reads them. */
  @Override
  public int compareTo(WalSegment other) {
    return Comparator.comparingLong(WalSegment::timeline)
        .thenComparingLong(WalSegment::number)
        .compare(this, other);
  }

  /** The name of the segment. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%08X%08X%08X", timeline, number / IN_A_LOG, number % IN_A_LOG);
  }
}
