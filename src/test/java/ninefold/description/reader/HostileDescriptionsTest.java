package ninefold.description.reader;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import ninefold.Graph;
import ninefold.description.problem.Problems;
import ninefold.description.problem.SourceLines;
import ninefold.description.reader.Rendering.Reader;
import ninefold.description.schema.SchemaGenerator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Injection attempts in every text of a description: quotes, newlines and the syntax of shells,
 * YAML, SQL and templates. Each is either refused, or rendered so that it remains one text.
 *
 * <p>The texts come from two complete descriptions. A test requires that these contain every text
 * of the schema.
 */
class HostileDescriptionsTest {
  private static final Path DESCRIPTIONS = Path.of("src/test/resources/descriptions/hostile");
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /** Each is tried by itself, and appended to an allowed text. */
  private static final List<String> HOSTILE =
      List.of(
          "'",
          "\"",
          "\\",
          "\\'; DROP ROLE app; --",
          "'; DROP ROLE app; --",
          "\" OWNER \"postgres",
          "$(touch /tmp/in)",
          "`touch /tmp/in`",
          "; touch /tmp/in",
          "| touch /tmp/in",
          "&& touch /tmp/in",
          "${1 + 1}",
          "#{1 + 1}",
          "[=1 + 1]",
          "<#assign in = 1>",
          "${\"freemarker.template.utility.Execute\"?new()(\"id\")}",
          "\n",
          "\r",
          "\t",
          "\u0000",
          "\u0085in: true",
          "\u2028in: true",
          "\u2029in: true",
          "\ufeff",
          "\u202e",
          "\nin: true\n",
          "\n=== /etc/cron.d/in root:root 0644\n* * * * * root id\n",
          "\nninefold:end\ntouch /tmp/in\n",
          ": {in: true}",
          "- in",
          " # in",
          "!!python/object/apply:os.system [id]",
          "*in",
          "&in",
          "%n",
          "../../etc/passwd",
          "-oProxyCommand=id",
          "\ud800",
          "\ud83d\ude08",
          "ä");

  @TempDir private Path folder;

  @Test
  void descriptions_containEveryTextOfTheSchema() throws IOException {
    var contained = new TreeSet<String>();
    for (var base : bases().values()) {
      places(base, (path, place) -> contained.add(path.replaceAll("\\[\\d+]", "[]")));
    }
    var schema = MAPPER.readTree(SchemaGenerator.FILE.toFile());
    var known = new TreeSet<String>();
    texts(schema, schema, "", known);

    assertThat(known).hasSizeGreaterThan(40);
    assertThat(contained).containsAll(known);
  }

  @TestFactory
  Stream<DynamicTest> hostileText_isRefusedOrHarmless() throws IOException {
    var tests = new ArrayList<DynamicTest>();
    for (var base : bases().entrySet()) {
      var reviewed = rendered(base.getValue());
      assertThat(reviewed.values().stream().map(Rendering::reader))
          .as("readers of the texts of " + base.getKey())
          .contains(Reader.YAML, Reader.JSON, Reader.SQL, Reader.LINES, Reader.NONE);
      assertThat(reviewed.keySet())
          .anyMatch(where -> where.startsWith("output "))
          .anyMatch(where -> where.endsWith(" create"))
          .anyMatch(where -> where.endsWith(" stdin header"))
          .anyMatch(where -> where.matches("output hiveSiteXml|.* userData|.* xslt"));
      places(
          base.getValue(),
          (path, place) ->
              tests.add(
                  DynamicTest.dynamicTest(
                      base.getKey() + " " + path,
                      () -> everyText(base.getValue(), reviewed, place))));
    }
    assertThat((long) tests.size() * HOSTILE.size() * 2).isGreaterThan(200);
    return tests.stream();
  }

  private void everyText(JsonNode base, Map<String, Rendering> reviewed, Place place) {
    for (var hostile : HOSTILE) {
      for (var text : List.of(hostile, place.text() + hostile)) {
        var changed = base.deepCopy();
        place.in(changed).put(text);
        if (read(changed)) {
          assertHarmless(place.text(), text, reviewed, rendered(changed));
        }
      }
    }
  }

  /** All rendered texts are unchanged, except that the hostile text replaces the harmless one. */
  private static void assertHarmless(
      String harmless,
      String text,
      Map<String, Rendering> reviewed,
      Map<String, Rendering> changed) {
    assertThat(changed.keySet()).isEqualTo(reviewed.keySet());
    changed.forEach(
        (where, rendering) ->
            assertThat(rendering.differsOnlyIn(reviewed.get(where), harmless, text))
                .as("%s with %s: %s instead of %s", where, text, rendering, reviewed.get(where))
                .isTrue());
  }

  private boolean read(JsonNode description) {
    try {
      DescriptionReader.read(file(description));
      return true;
    } catch (InvalidDescriptionException refused) {
      assertThat(refused.getMessage().replace("\n  ", ""))
          .as("a message cannot control a terminal")
          .doesNotContainPattern("\\p{Cntrl}");
      return false;
    }
  }

  private Map<String, Rendering> rendered(JsonNode description) {
    var graph = Graph.of(file(description));
    assertThat(graph.exceptions()).isEmpty();
    return Rendering.all(graph);
  }

  private Path file(JsonNode description) {
    try {
      return Files.writeString(
          folder.resolve("description.yaml"), MAPPER.writeValueAsString(description));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, JsonNode> bases() throws IOException {
    var bases = new TreeMap<String, JsonNode>();
    for (var name : List.of("given", "libvirt")) {
      var problems = new Problems();
      bases.put(
          name,
          YamlDocument.parse(
              Files.readString(DESCRIPTIONS.resolve(name + ".yaml")), problems, new SourceLines()));
      assertThat(problems.isEmpty()).isTrue();
    }
    return bases;
  }

  /** The place of a text in a tree: a value, or a key. */
  private record Place(String pointer, String key, boolean isKey, String text) {
    private Change in(JsonNode tree) {
      var parent = tree.at(pointer);
      return hostile -> {
        if (isKey) {
          var value = ((ObjectNode) parent).remove(key);
          ((ObjectNode) parent).set(hostile, value);
        } else if (parent instanceof ObjectNode object) {
          object.set(key, TextNode.valueOf(hostile));
        } else {
          ((ArrayNode) parent).set(Integer.parseInt(key), TextNode.valueOf(hostile));
        }
      };
    }
  }

  private interface Change {
    void put(String hostile);
  }

  private interface Visitor {
    void at(String path, Place place);
  }

  private static void places(JsonNode tree, Visitor visitor) {
    walk(tree, "", "", visitor);
  }

  private static void walk(JsonNode node, String pointer, String path, Visitor visitor) {
    if (node instanceof ObjectNode object) {
      for (var field : List.copyOf(object.properties())) {
        var named = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
        visit(field.getValue(), pointer, field.getKey(), named, visitor);
        if (path.matches("(.*\\.)?(settings|parameters|versions|passwords)")) {
          visitor.at(path + "<key>", new Place(pointer, field.getKey(), true, field.getKey()));
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        visit(array.get(i), pointer, String.valueOf(i), path + "[" + i + "]", visitor);
      }
    }
  }

  private static void visit(
      JsonNode value, String pointer, String key, String path, Visitor visitor) {
    if (value.isTextual()) {
      visitor.at(path, new Place(pointer, key, false, value.textValue()));
    } else {
      walk(value, pointer + "/" + key.replace("~", "~0").replace("/", "~1"), path, visitor);
    }
  }

  /** Collects the paths of all texts in a schema that are not enums. */
  private static void texts(JsonNode root, JsonNode schema, String path, Set<String> found) {
    if (schema.has("$ref")) {
      texts(root, root.at(schema.get("$ref").asText().substring(1)), path, found);
      return;
    }
    schema.path("oneOf").forEach(variant -> texts(root, variant, path, found));
    for (var property : schema.path("properties").properties()) {
      var named = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
      texts(root, property.getValue(), named, found);
    }
    if (schema.path("items").isObject()) {
      texts(root, schema.get("items"), path + "[]", found);
    }
    if (schema.path("additionalProperties").isObject()) {
      found.add(path + "<key>");
    }
    if (schema.has("pattern")) {
      found.add(path);
    }
  }
}
