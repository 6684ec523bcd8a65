package ninefold.description.reader;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;
import ninefold.description.problem.SourceLines;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * A YAML text as a JSON tree.
 *
 * <p>Plain values are read as YAML 1.2 reads them, so {@code on} and {@code 22:30} are texts.
 * Anchors, aliases and merges ({@code <<}) work; a duplicate key is a problem.
 */
public final class YamlDocument {
  /** The maximum length of a text, in characters; of a file, in bytes. */
  static final int LONGEST = 1 << 20;

  /** The maximum number of values, with aliases expanded. */
  private static final int MOST_VALUES = 50_000;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Resolver PLAIN = new Plain();

  private final Problems problems;
  private final SourceLines lines;
  private final Deque<Node> open = new ArrayDeque<>();
  private int values;

  private YamlDocument(Problems problems, SourceLines lines) {
    this.problems = problems;
    this.lines = lines;
  }

  /** Reads a text. Collects problems, and the line of each path. */
  public static JsonNode parse(String text, Problems problems, SourceLines lines) {
    try {
      Node root = compose(text);
      return root == null ? JSON.missingNode() : new YamlDocument(problems, lines).value(root, "");
    } catch (MarkedYAMLException e) {
      lines.put("", e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1);
      String context = e.getContext() == null ? "" : ": " + e.getContext();
      problems.add("", "invalid YAML" + context, e.getProblem());
    } catch (YAMLException e) {
      problems.add("", "invalid YAML", e.getMessage().lines().findFirst().orElse(""));
    }
    return JSON.missingNode();
  }

  private static Node compose(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(LONGEST);
    return new Composer(new ParserImpl(new StreamReader(text), options), PLAIN, options)
        .getSingleNode();
  }

  private JsonNode value(Node node, String path) {
    lines.put(path, node.getStartMark().getLine() + 1);
    if (++values > MOST_VALUES) {
      throw new YAMLException(
          "it has more than " + MOST_VALUES + " values with its aliases expanded");
    }
    if (open.contains(node)) {
      throw new YAMLException("the alias at '" + path + "' refers to a value that contains it");
    }
    open.push(node);
    try {
      if (node instanceof MappingNode mapping) {
        return object(mapping, path);
      }
      return node instanceof SequenceNode list
          ? array(list, path)
          : scalar((ScalarNode) node, path);
    } finally {
      open.pop();
    }
  }

  private ObjectNode object(MappingNode mapping, String path) {
    ObjectNode object = JSON.objectNode();
    List<Node> merges = new ArrayList<>();
    Map<String, Integer> seen = new TreeMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
        merges.add(tuple.getValueNode());
        continue;
      }
      String at = Problem.at(path, key);
      int line = tuple.getKeyNode().getStartMark().getLine() + 1;
      Integer before = seen.putIfAbsent(key, line);
      if (before == null) {
        lines.put(at, line);
        object.set(key, value(tuple.getValueNode(), at));
      } else {
        problems.add(at, "the key is on lines " + before + " and " + line, "remove one");
      }
    }
    // Merge last: a key of the mapping itself keeps its value, and its line.
    merges.stream()
        .flatMap(source -> merged(source, path).stream())
        .forEach(
            other -> other.properties().forEach(e -> object.putIfAbsent(e.getKey(), e.getValue())));
    return object;
  }

  private List<ObjectNode> merged(Node node, String path) {
    List<ObjectNode> merged = new ArrayList<>();
    List<Node> sources = node instanceof SequenceNode list ? list.getValue() : List.of(node);
    for (Node source : sources) {
      if (value(source, path) instanceof ObjectNode object) {
        merged.add(object);
      } else {
        problems.add(
            Problem.at(path, "<<"), "the merged value is not a mapping", "merge a mapping");
      }
    }
    return merged;
  }

  private ArrayNode array(SequenceNode list, String path) {
    ArrayNode array = JSON.arrayNode();
    for (Node item : list.getValue()) {
      array.add(value(item, Problem.at(path, array.size())));
    }
    return array;
  }

  private JsonNode scalar(ScalarNode node, String path) {
    String text = node.getValue();
    Tag tag = node.getTag();
    // A tag may be written before any text, as in "!!int four".
    if (!tag.equals(Tag.STR) && !tag.equals(PLAIN.resolve(NodeId.scalar, text, true))) {
      problems.add(path, "the tag " + tag + " is not supported", "remove the tag");
      return JSON.textNode(text);
    }
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    } else if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(text.equals("true"));
    } else if (tag.equals(Tag.INT)) {
      return JSON.numberNode(new BigInteger(text));
    } else if (tag.equals(Tag.FLOAT)) {
      return JSON.numberNode(new BigDecimal(text));
    }
    return JSON.textNode(text);
  }

  /** The plain values that are not texts: those of YAML 1.2's core schema that JSON has too. */
  private static final class Plain extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.MERGE, Pattern.compile("<<"), "<");
      addImplicitResolver(Tag.NULL, Pattern.compile("~|null|"), "~n\0");
      addImplicitResolver(Tag.NULL, Pattern.compile(""), null);
      addImplicitResolver(Tag.BOOL, Pattern.compile("true|false"), "tf");
      addImplicitResolver(Tag.INT, Pattern.compile("-?(0|[1-9][0-9]{0,29})"), "-0123456789");
      addImplicitResolver(
          Tag.FLOAT,
          Pattern.compile("-?(0|[1-9][0-9]{0,29})(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?"),
          "-0123456789");
    }
  }
}
