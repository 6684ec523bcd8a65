package ninefold.description;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory, disk or WAL, written as {@code 512MiB} or {@code 30GiB}.
 *
 * @param mebibytes the amount in MiB
 */
public record Size(long mebibytes) {
  /** The form a size has in a description. */
  public static final String FORM = "^" + Size.NUMBER + Size.UNIT + "$";

  /** The form in words, for messages and editors. */
  public static final String WORDS = "a size, such as 512MiB or 30GiB";

  /** The form of a size that may be zero. */
  public static final String FORM_OR_ZERO = "^(0|" + Size.NUMBER + ")" + Size.UNIT + "$";

  private static final String NUMBER = "[1-9][0-9]{0,6}";
  private static final String UNIT = "(MiB|GiB)";
  private static final Pattern PARTS = Pattern.compile(FORM_OR_ZERO);

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException if the text has a different form
   */
  @JsonCreator
  public static Size parse(String text) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a size; write 512MiB or 30GiB");
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
