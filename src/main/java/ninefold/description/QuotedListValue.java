package ninefold.description;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values that PostgreSQL stores as lists of separately quoted elements (its flag {@code
 * GUC_LIST_QUOTE}): {@code SET} takes one text as one element of them, whatever commas it has. Such
 * parameters are PostgreSQL's own; an extension can't have any. Other lists, such as {@code
 * datestyle}, it takes apart itself.
 */
public final class QuotedListValue {
  /** Lists of names, which are in lower case unless they are quoted. */
  private static final Set<String> NAMES = Set.of("search_path", "temp_tablespaces");

  /** Lists of files. */
  private static final Set<String> LIBRARIES =
      Set.of("local_preload_libraries", "session_preload_libraries");

  private static final String QUOTED = "\"(?:[^\"]|\"\")++\"";
  private static final String ELEMENT = QUOTED + "|[^\",\\s]++";
  private static final Pattern ELEMENTS = Pattern.compile(ELEMENT);
  private static final Pattern LIST =
      Pattern.compile("\\s*+(?:%1$s)\\s*+(?:,\\s*+(?:%1$s)\\s*+)*+".formatted(ELEMENT));

  private QuotedListValue() {}

  /**
   * A parameter's value, taken apart as PostgreSQL takes it apart in its configuration file.
   *
   * @param parameter the parameter's name
   * @param value its value; one that is not a list is the only element
   * @return the elements, without their quotation marks; empty if a list is not written as one
   */
  public static Optional<List<String>> elements(String parameter, String value) {
    boolean names = NAMES.contains(parameter);
    if (!names && !LIBRARIES.contains(parameter)) {
      return Optional.of(List.of(value));
    }
    if (names && value.isBlank()) {
      return Optional.of(List.of(""));
    }
    if (!LIST.matcher(value).matches()) {
      return Optional.empty();
    }
    List<String> elements = new ArrayList<>();
    ELEMENTS.matcher(value).results().forEach(found -> elements.add(element(found.group(), names)));
    return Optional.of(List.copyOf(elements));
  }

  private static String element(String written, boolean name) {
    if (written.startsWith("\"")) {
      return written.substring(1, written.length() - 1).replace("\"\"", "\"");
    }
    return name ? written.toLowerCase(Locale.ROOT) : written;
  }
}
