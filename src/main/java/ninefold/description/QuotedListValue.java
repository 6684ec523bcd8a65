package ninefold.description;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Parameters whose values PostgreSQL stores as lists of separately quoted elements (its flag {@code
 * GUC_LIST_QUOTE}). For these, {@code SET} treats each text as one element, even with commas in it.
 * PostgreSQL does not let extensions define such parameters. It splits the values of other lists,
 * such as {@code datestyle}, itself.
 */
public final class QuotedListValue {
  /** Lists of names. Names that are not quoted are folded to lower case. */
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
   * Splits a parameter's value as PostgreSQL does for its configuration file.
   *
   * @param parameter the parameter's name
   * @param value its value; the only element, if the parameter is not such a list
   * @return the elements, without their quotation marks; empty if the list is malformed
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
