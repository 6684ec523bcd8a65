package ninefold.description;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory or disk, written as {@code 512MiB} or {@code 30GiB}.
 *
 * @param mebibytes the amount in MiB, above zero
 */
public record Size(long mebibytes) {
  /** The form a size has in a description. */
  public static final String FORM = "^[1-9][0-9]{0,6}(MiB|GiB)$";

  /** The same in words, for messages and editors. */
  public static final String WORDS = "an amount, as in 512MiB or 30GiB";

  private static final Pattern PARTS = Pattern.compile("([1-9][0-9]{0,6})(MiB|GiB)");

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  @JsonCreator
  public static Size parse(String text) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size; write 512MiB or 30GiB");
    }
    long amount = Long.parseLong(parts.group(1));
    return new Size(parts.group(2).equals("GiB") ? amount * 1024 : amount);
  }

  /** The amount in bytes. */
  public long bytes() {
    return mebibytes << 20;
  }

  @JsonValue
  @Override
  public String toString() {
    return mebibytes % 1024 == 0 ? mebibytes / 1024 + "GiB" : mebibytes + "MiB";
  }
}
