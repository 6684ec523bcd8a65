package ninefold;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import ninefold.description.Node;

/**
 * How the files of a node differ from those of the first node with the same roles. Both nodes'
 * names and addresses are exchanged before the comparison. A list of nodes keeps the description's
 * order, so the order of the lines that name one of the two nodes, and of their words, does not
 * count.
 */
final class NodeDifferences {
  private final Node first;
  private final Node other;
  private final Pattern identities;

  NodeDifferences(Node first, Node other) {
    this.first = first;
    this.other = other;
    this.identities =
        Pattern.compile(
            "(?<![A-Za-z0-9])(%s|%s|%s|%s)(?![A-Za-z0-9])"
                .formatted(
                    first.name(),
                    other.name(),
                    Pattern.quote(first.address()),
                    Pattern.quote(other.address())));
  }

  /**
   * The differences, one a line below the path of their file.
   *
   * @param expected the files of the first node, by path
   * @param actual the files of the other node
   */
  List<String> of(Map<String, String> expected, Map<String, String> actual) {
    var lines = new ArrayList<String>();
    var paths = new TreeSet<>(expected.keySet());
    paths.addAll(actual.keySet());
    for (var path : paths) {
      if (!actual.containsKey(path)) {
        lines.add("  " + path + ": only " + first.name() + " has this file");
      } else if (!expected.containsKey(path)) {
        lines.add("  " + path + ": only " + other.name() + " has this file");
      } else {
        var differences = of(exchanged(expected.get(path)), actual.get(path));
        if (!differences.isEmpty()) {
          lines.add("  " + path);
          differences.forEach(line -> lines.add("    " + line));
        }
      }
    }
    return lines;
  }

  private List<String> of(String expected, String actual) {
    var missing = without(expected.lines(), actual.lines());
    var added = without(actual.lines(), expected.lines());
    var differences = new ArrayList<String>();
    missing.forEach(line -> differences.add("- " + line));
    added.forEach(line -> differences.add("+ " + line));
    var differing = Stream.concat(missing.stream(), added.stream()).map(this::key).toList();
    if (!common(expected, differing).equals(common(actual, differing))) {
      differences.add("(the order of the lines)");
    }
    return differences;
  }

  /** The first lines without one of the second for each. */
  private List<String> without(Stream<String> lines, Stream<String> taken) {
    var keys = new ArrayList<>(taken.map(this::key).toList());
    return lines.filter(line -> !keys.remove(key(line))).toList();
  }

  /** The lines of a text that name neither node, without those that differ. */
  private List<String> common(String text, List<String> differing) {
    return text.lines()
        .filter(line -> !identities.matcher(line).find())
        .map(this::key)
        .filter(key -> !differing.contains(key))
        .toList();
  }

  /** Equal for lines that count as the same. The last element of a list has no comma in JSON. */
  private String key(String line) {
    var element = line.replaceFirst(",$", "");
    return identities.matcher(line).find()
        ? Stream.of(element.split("[ ,=]", -1)).sorted().collect(joining(" "))
        : element;
  }

  private String exchanged(String text) {
    return identities.matcher(text).replaceAll(found -> counterpart(found.group()));
  }

  private String counterpart(String identity) {
    if (identity.equals(first.name())) {
      return other.name();
    }
    if (identity.equals(other.name())) {
      return first.name();
    }
    return identity.equals(first.address()) ? other.address() : first.address();
  }
}
