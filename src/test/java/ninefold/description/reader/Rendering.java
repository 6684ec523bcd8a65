package ninefold.description.reader;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import ninefold.Graph;
import ninefold.Graph.Declared;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * A text that is rendered from a description.
 *
 * @param reader the format in which the text is read
 * @param text the text
 */
record Rendering(Reader reader, String text) {
  /** The lines between the files in a step's input. */
  private static final Pattern FILE = Pattern.compile("(?m)^=== (\\S+).*\n");

  /** Digests of other texts, which change with any text. */
  private static final Pattern CHANGES = Pattern.compile("\"changes\":\"[0-9a-f]{16}\",");

  private static final Pattern DIGEST = Pattern.compile("(?m)^(change|secrets) [0-9a-f]{16}$");

  /** Texts without characters that could end a word in a configuration file or a shell. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9 ._/,:~%*+-]*");

  /** The formats in which texts are read. They determine where a value ends. */
  enum Reader {
    YAML,
    JSON,
    XML,
    SQL,
    /** Lines that a program on the machine reads. */
    LINES,
    /** No format: the text is one value. */
    NONE;

    private static Reader of(String where) {
      if (where.matches(".*(\\.ya?ml|userData|networkConfig|kubernetes\\w+)")) {
        return YAML;
      }
      if (where.endsWith(".json")) {
        return JSON;
      }
      if (where.matches(".*(Xml|xslt)")) {
        return XML;
      }
      return where.endsWith(".sql") ? SQL : NONE;
    }
  }

  /**
   * All texts that are rendered from a description: the files of each step, the inputs of each
   * resource, and the stack's outputs. The keys name their places.
   */
  static Map<String, Rendering> all(Graph graph) {
    var all = new TreeMap<String, Rendering>();
    graph.resources().stream()
        .filter(Rendering::isMoreThanADigest)
        .forEach(resource -> add(resource, all));
    add("output", graph.outputs(), all);
    return all;
  }

  /** Excludes the random IDs of changes, which depend on a digest of the whole text. */
  private static boolean isMoreThanADigest(Declared resource) {
    return !(resource.type().equals("random:index/id:Id") && resource.name().endsWith("/change"));
  }

  private static void add(Declared resource, Map<String, Rendering> all) {
    for (var input : resource.inputs().entrySet()) {
      var where = resource + " " + input.getKey();
      switch (input.getKey()) {
        case "stdin" -> stdin(where, resource.text("stdin"), all);
        case "update" -> add(where, resource.text("update").replaceFirst(" change-\\w+$", ""), all);
        default -> add(where, input.getValue(), all);
      }
    }
  }

  private static void add(String where, Object value, Map<String, Rendering> all) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, inner) -> add(where + " " + key, inner, all));
    } else if (value instanceof List<?> list) {
      IntStream.range(0, list.size()).forEach(i -> add(where + " " + i, list.get(i), all));
    } else {
      all.put(where, new Rendering(Reader.of(where), String.valueOf(value)));
    }
  }

  /** A bundle of files, or the JSON input of the verdict. */
  private static void stdin(String where, String text, Map<String, Rendering> all) {
    if (text.startsWith("{")) {
      all.put(where, new Rendering(Reader.JSON, CHANGES.matcher(text).replaceAll("")));
    } else {
      files(where, text, all);
    }
  }

  private static void files(String where, String bundle, Map<String, Rendering> all) {
    var marks = FILE.matcher(bundle);
    var name = "header";
    var start = 0;
    while (marks.find()) {
      all.put(where + " " + name, file(name, bundle.substring(start, marks.start())));
      name = marks.group();
      start = marks.end();
    }
    all.put(where + " " + name, file(name, bundle.substring(start)));
  }

  private static Rendering file(String mark, String text) {
    if (mark.equals("header")) {
      return new Rendering(Reader.LINES, DIGEST.matcher(text).replaceAll("$1"));
    }
    var reader = Reader.of(mark.split(" ", -1)[1]);
    return new Rendering(reader == Reader.NONE ? Reader.LINES : reader, text);
  }

  /**
   * Whether the two renderings have the same meaning, except that this one has a hostile text in
   * places where the other one has a harmless text.
   */
  boolean differsOnlyIn(Rendering other, String harmless, String hostile) {
    if (text.equals(other.text)) {
      return true;
    }
    return switch (reader) {
      case YAML -> sameTree(yaml(other.text), yaml(text), harmless, hostile);
      case JSON -> sameTree(json(other.text), json(text), harmless, hostile);
      case XML -> sameNode(xml(other.text), xml(text), harmless, hostile);
      case SQL -> isReplaced(other.text, text, literal(harmless), literal(hostile));
      case LINES -> isPlain(hostile) && isReplaced(other.text, text, harmless, hostile);
      case NONE -> sameValue(other.text, text, harmless, hostile);
    };
  }

  /** A hostile text may be the whole value. Only a plain text may be a part of one. */
  private static boolean sameValue(String before, String now, String harmless, String hostile) {
    return before.equals(now)
        || (before.equals(harmless) && now.equals(hostile))
        || (isPlain(hostile) && isReplaced(before, now, harmless, hostile));
  }

  private static boolean isPlain(String text) {
    return PLAIN.matcher(text).matches();
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Whether one text becomes the other if some occurrences of a part are replaced. */
  private static boolean isReplaced(String before, String now, String part, String replacement) {
    var either = "(?:" + Pattern.quote(part) + "|" + Pattern.quote(replacement) + ")";
    return Pattern.compile(Pattern.quote(part))
        .splitAsStream(before + "\n")
        .map(Pattern::quote)
        .collect(Collectors.collectingAndThen(Collectors.joining(either), Pattern::compile))
        .matcher(now + "\n")
        .matches();
  }

  private static boolean sameTree(Object before, Object now, String harmless, String hostile) {
    if (before instanceof String old && now instanceof String text) {
      return sameValue(old, text, harmless, hostile);
    }
    if (before instanceof Map<?, ?> old && now instanceof Map<?, ?> map) {
      return sameTree(old.keySet(), map.keySet(), harmless, hostile)
          && sameTree(old.values(), map.values(), harmless, hostile);
    }
    if (before instanceof Iterable<?> old && now instanceof Iterable<?> list) {
      return sameInEach(old.iterator(), list.iterator(), harmless, hostile);
    }
    return Objects.equals(before, now);
  }

  private static boolean sameInEach(
      Iterator<?> before, Iterator<?> now, String harmless, String hostile) {
    while (before.hasNext() && now.hasNext()) {
      if (!sameTree(before.next(), now.next(), harmless, hostile)) {
        return false;
      }
    }
    return before.hasNext() == now.hasNext();
  }

  private static Object json(String text) {
    try {
      return new ObjectMapper().readValue(text, Object.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  private static List<Object> yaml(String text) {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      var documents = new Yaml(new SafeConstructor(options)).loadAll(text);
      return StreamSupport.stream(documents.spliterator(), false).toList();
    } catch (YAMLException e) {
      throw new AssertionError("not YAML: " + text, e);
    }
  }

  private static boolean sameNode(Node before, Node now, String harmless, String hostile) {
    return before.getNodeType() == now.getNodeType()
        && before.getNodeName().equals(now.getNodeName())
        && sameValue(value(before), value(now), harmless, hostile)
        && sameNodes(attributes(before), attributes(now), harmless, hostile)
        && sameNodes(children(before), children(now), harmless, hostile);
  }

  private static boolean sameNodes(
      List<Node> before, List<Node> now, String harmless, String hostile) {
    return before.size() == now.size()
        && IntStream.range(0, now.size())
            .allMatch(i -> sameNode(before.get(i), now.get(i), harmless, hostile));
  }

  private static String value(Node node) {
    return node.getNodeValue() == null ? "" : node.getNodeValue();
  }

  private static List<Node> attributes(Node node) {
    var attributes = node.getAttributes();
    return attributes == null
        ? List.of()
        : IntStream.range(0, attributes.getLength()).mapToObj(attributes::item).toList();
  }

  private static List<Node> children(Node node) {
    return Stream.iterate(node.getFirstChild(), child -> child != null, Node::getNextSibling)
        .toList();
  }

  private static Node xml(String text) {
    try {
      var reader = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      // Print nothing to standard error: the exception contains the error.
      reader.setErrorHandler(null);
      return reader.parse(new InputSource(new StringReader(text)));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError("not XML: " + text, e);
    }
  }
}
