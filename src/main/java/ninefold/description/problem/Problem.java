package ninefold.description.problem;

import java.util.regex.Pattern;

/**
 * One problem in a description.
 *
 * @param path the path of the value, such as {@code nodes[3].address}; empty for the whole file
 * @param found what is wrong
 * @param remedy what is allowed, or what to do
 */
public record Problem(String path, String found, String remedy) {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");

  /** The problem on one line, without control characters. */
  @Override
  public String toString() {
    String line = (path.isEmpty() ? "" : path + ": ") + found + "; " + remedy;
    return line.replaceAll("\\p{Cntrl}", "�");
  }

  /** The path of a key below a path. */
  public static String at(String path, String key) {
    if (!PLAIN.matcher(key).matches()) {
      return path + "['" + key + "']";
    }
    return path.isEmpty() ? key : path + "." + key;
  }

  /** The path of an item of the list at a path; the first one is 0. */
  public static String at(String path, int index) {
    return path + "[" + index + "]";
  }
}
