package ninefold.description.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import ninefold.description.problem.Problem;
import ninefold.description.problem.ProblemText;
import ninefold.description.problem.Problems;

/**
 * The JSON Schema of descriptions, and the check of a tree against it.
 *
 * <p>The schema is generated from the records and stored next to the descriptions, where editors
 * find it. It uses only a few of JSON Schema's keywords. This class implements exactly those, fills
 * in defaults, and reports for each problem what is allowed.
 */
public final class DescriptionSchema {
  /** The schema's path in the jar. */
  static final String RESOURCE = "/cluster.schema.json";

  private static final String LEFT_OUT = " no longer stands for the default";

  private final ObjectNode root;
  private final Map<String, Pattern> patterns = new ConcurrentHashMap<>();

  private DescriptionSchema(ObjectNode root) {
    this.root = root;
  }

  /** The schema that was packaged with this class. */
  public static DescriptionSchema packaged(ObjectMapper mapper) {
    try (InputStream schema = DescriptionSchema.class.getResourceAsStream(RESOURCE)) {
      return new DescriptionSchema((ObjectNode) mapper.readTree(schema));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE + " from the jar", e);
    }
  }

  /** Checks the tree, reports problems, fills in defaults and removes unknown keys. */
  public void check(JsonNode tree, Problems problems) {
    new Walk(problems).value(tree, root, "");
  }

  private JsonNode definition(JsonNode schema) {
    String reference = schema.path("$ref").asText();
    return reference.isEmpty() ? schema : root.at(reference.substring(1));
  }

  private Pattern pattern(String regex) {
    return patterns.computeIfAbsent(regex, Pattern::compile);
  }

  /** One walk through a tree. */
  private final class Walk {
    private final Problems problems;

    private Walk(Problems problems) {
      this.problems = problems;
    }

    /** Checks a value. Returns it, or a guess at what was meant if no record could hold it. */
    private JsonNode value(JsonNode value, JsonNode reference, String path) {
      JsonNode schema = definition(reference);
      if (schema.has("oneOf")) {
        variant(value, schema, path);
        return value;
      }
      String type = schema.path("type").asText();
      if (!isOf(type, value)) {
        problems.add(path, found(value, path), expected(type, value, schema, path));
        return reference.has("default") ? guess(reference.get("default").deepCopy(), path) : value;
      }
      switch (type) {
        case "object" -> object((ObjectNode) value, schema, path);
        case "array" -> array((ArrayNode) value, schema, path);
        case "integer" -> {
          return inRange(value, schema, path) ? value : guess(schema.path("minimum"), path);
        }
        case "string" -> {
          if (!text(value.textValue(), schema, path)) {
            return meant(value, reference, schema, path);
          }
        }
        default -> {}
      }
      return value;
    }

    private String found(JsonNode value, String path) {
      return FormerKeys.withUnit(path, value).isPresent()
          ? value.asText() + " has no unit"
          : ProblemText.describe(value) + " was found";
    }

    /**
     * A guess at what a text of a wrong form was meant to be; the text itself if records can hold
     * it.
     */
    private JsonNode meant(JsonNode value, JsonNode reference, JsonNode schema, String path) {
      if (schema.has("enum")) {
        return guess(schema.get("enum").get(0), path);
      }
      return reference.has("default") ? guess(reference.get("default"), path) : value;
    }

    private JsonNode guess(JsonNode meant, String path) {
      problems.guessed(path);
      return meant;
    }

    /** Checks an object whose kind selects one of several schemas. */
    private void variant(JsonNode value, JsonNode schema, String path) {
      String key = schema.path("discriminator").path("propertyName").asText();
      List<String> kinds = new ArrayList<>();
      for (JsonNode reference : schema.path("oneOf")) {
        JsonNode variant = definition(reference);
        String kind = variant.path("properties").path(key).path("const").asText();
        if (value.path(key).isTextual() && value.path(key).textValue().equals(kind)) {
          value(value, variant, path);
          return;
        }
        kinds.add(kind);
      }
      String found =
          value.has(key) ? ProblemText.describe(value.get(key)) + " was found" : "missing";
      problems.add(Problem.at(path, key), found, "write one of: " + String.join(", ", kinds));
    }

    private void object(ObjectNode object, JsonNode schema, String path) {
      JsonNode properties = schema.path("properties");
      JsonNode others = schema.path("additionalProperties");
      List<String> unknown = new ArrayList<>();
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        String at = Problem.at(path, entry.getKey());
        if (properties.has(entry.getKey())) {
          entry.setValue(value(entry.getValue(), properties.get(entry.getKey()), at));
        } else if (others.isObject()) {
          text(entry.getKey(), schema.path("propertyNames"), at);
          entry.setValue(value(entry.getValue(), others, at));
        } else {
          unknown.add(entry.getKey());
        }
      }
      refuse(unknown, object, properties, path);
      fill(object, schema, path);
    }

    private void refuse(List<String> unknown, ObjectNode object, JsonNode properties, String path) {
      List<String> known = new ArrayList<>();
      properties.fieldNames().forEachRemaining(known::add);
      for (String key : unknown) {
        String at = Problem.at(path, key);
        JsonNode value = object.remove(key);
        FormerKeys.renamed(at)
            .ifPresentOrElse(
                renamed -> {
                  problems.add(at, renamed.found(), renamed.remedy(value));
                  problems.guessed(renamed.now());
                },
                () -> problems.add(at, "unknown key", ProblemText.didYouMean(key, known)));
      }
    }

    /** Fills in the defaults of missing keys, and reports missing keys that have none. */
    private void fill(ObjectNode object, JsonNode schema, String path) {
      for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
        JsonNode value = property.getValue();
        if (!object.has(property.getKey()) && value.has("default")) {
          JsonNode filled = value.get("default").deepCopy();
          object.set(property.getKey(), filled);
          value(filled, value, Problem.at(path, property.getKey()));
        }
      }
      for (JsonNode required : schema.path("required")) {
        String key = required.textValue();
        if (!object.has(key)) {
          String meaning = schema.path("properties").path(key).path("description").asText();
          problems.add(Problem.at(path, key), "missing", "this key is required: " + meaning);
          if (isText(schema.path("properties").path(key))) {
            object.set(key, guess(TextNode.valueOf(""), Problem.at(path, key)));
          }
        }
      }
    }

    private boolean isText(JsonNode reference) {
      JsonNode schema = definition(reference);
      return schema.path("type").asText().equals("string") && !schema.has("enum");
    }

    private void array(ArrayNode array, JsonNode schema, String path) {
      if (array.size() < schema.path("minItems").asInt()) {
        problems.add(path, "the list is empty", "add at least one item");
      }
      TreeSet<String> seen = new TreeSet<>();
      for (int i = 0; i < array.size(); i++) {
        array.set(i, value(array.get(i), schema.path("items"), Problem.at(path, i)));
        if (schema.path("uniqueItems").asBoolean() && !seen.add(array.get(i).toString())) {
          problems.add(
              Problem.at(path, i),
              ProblemText.describe(array.get(i)) + " is listed twice",
              "remove one");
        }
      }
    }

    /** Whether a number is in its range. Reports it if not. */
    private boolean inRange(JsonNode value, JsonNode schema, String path) {
      long min = schema.path("minimum").asLong(Long.MIN_VALUE);
      long max = schema.path("maximum").asLong(Long.MAX_VALUE);
      if (value.canConvertToLong() && value.longValue() >= min && value.longValue() <= max) {
        return true;
      }
      if (FormerKeys.leftOut(path, value)) {
        problems.add(path, value.asText() + LEFT_OUT, "remove the key");
      } else {
        String allowed = "allowed: " + min + " to " + max;
        problems.add(path, value.asText() + " is out of range", allowed);
      }
      return false;
    }

    private void refuse(String text, String words, String path) {
      JsonNode value = TextNode.valueOf(text);
      if (FormerKeys.leftOut(path, value)) {
        problems.add(path, ProblemText.quote(text) + LEFT_OUT, "remove the key");
        return;
      }
      FormerKeys.withUnit(path, value)
          .ifPresentOrElse(
              withUnit -> problems.add(path, text + " has no unit", "write " + withUnit),
              () ->
                  problems.add(
                      path, ProblemText.quote(text) + " is not allowed", "write " + words));
    }

    /** Whether a text has the allowed form or is an allowed word. Reports it if not. */
    private boolean text(String text, JsonNode schema, String path) {
      if (schema.has("enum")) {
        List<String> words = new ArrayList<>();
        schema.get("enum").forEach(word -> words.add(word.textValue()));
        if (!words.contains(text)) {
          problems.add(
              path, ProblemText.quote(text) + " is unknown", ProblemText.didYouMean(text, words));
          return false;
        }
      } else if (schema.has("pattern")
          && !pattern(schema.get("pattern").textValue()).matcher(text).matches()) {
        refuse(text, schema.path("patternErrorMessage").asText(), path);
        return false;
      }
      return true;
    }
  }

  private static boolean isOf(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "integer" -> value.isIntegralNumber() && value.canConvertToLong();
      default -> true;
    };
  }

  private static String expected(String type, JsonNode value, JsonNode schema, String path) {
    if (value.isNull()) {
      return "write a value, or remove the key";
    }
    Optional<String> withUnit = FormerKeys.withUnit(path, value);
    if (withUnit.isPresent()) {
      return "write " + withUnit.get();
    }
    return switch (type) {
      case "object" -> "write keys and values below it";
      case "array" -> "write a list: each item on a line that starts with '- '";
      case "boolean" -> "write true or false";
      case "integer" -> "write a whole number, without quotes";
      default ->
          value.isValueNode() && value.asText().matches(schema.path("pattern").asText())
              ? "write it in quotes: '" + value.asText() + "'"
              : "write " + schema.path("patternErrorMessage").asText("one of the allowed words");
    };
  }
}
