package ninefold.description.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.description.problem.Problem;

/** Generates the reference of all settings from the schema. */
final class DescriptionReference {
  static final Path FILE = Path.of("docs/description.md");

  private static final String HEAD =
      """
      # Settings of a description

      A description is a YAML file that describes one cluster. `stacks/` contains some to start
      from. The first line of each names the JSON Schema, with which editors complete keys and mark
      mistakes. Ninefold checks a description before it changes anything, and reports all problems
      at once.

      - **Required keys** are marked. All other keys are optional; the table shows their defaults.
      - **Durations** are whole numbers with a unit: `500ms`, `10s`, `30min`, `48h` or `7d`.
      - **Sizes** are whole numbers with a unit: `512MiB` or `30GiB`.
      - **Plain values** follow YAML 1.2: `on` is a text, not a boolean.
      - **PostgreSQL's parameters** are texts, so put numbers in quotes: `work_mem: '8192'`.

      This page is generated from `stacks/cluster.schema.json`.
      """;

  private final JsonNode schema;
  private final StringBuilder page = new StringBuilder(HEAD);

  private DescriptionReference(JsonNode schema) {
    this.schema = schema;
  }

  /** Writes the page to its file. */
  public static void main(String[] args) throws IOException {
    Files.createDirectories(FILE.getParent());
    Files.writeString(FILE, text(ReferenceValidator.schema()));
  }

  /** The content of the page's file. */
  static String text(JsonNode schema) {
    DescriptionReference reference = new DescriptionReference(schema);
    reference.table("Top level", "", schema);
    return reference.page.toString();
  }

  /** Appends a table of the keys at a path, and the tables of the keys below. */
  private void table(String title, String path, JsonNode object) {
    page.append("\n## ").append(title).append("\n\n");
    page.append("| key | value | default | meaning |\n|---|---|---|---|\n");
    List<Runnable> below = new ArrayList<>();
    List<String> required = new ArrayList<>();
    object.path("required").forEach(key -> required.add(key.textValue()));
    for (Map.Entry<String, JsonNode> entry : object.get("properties").properties()) {
      String key = entry.getKey();
      JsonNode value = entry.getValue();
      String standard = value.has("default") ? standard(value) : "optional";
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  key,
                  kind(value),
                  required.contains(key) ? "**required**" : standard,
                  meaning(value)));
      below.add(() -> below(Problem.at(path, key), value));
    }
    below.forEach(Runnable::run);
  }

  private void below(String path, JsonNode value) {
    boolean list = value.path("type").asText().equals("array");
    String place = list ? path + "[]" : path;
    JsonNode object = resolve(list ? value.get("items") : value);
    String discriminator = object.path("discriminator").path("propertyName").asText();
    for (JsonNode reference : object.path("oneOf")) {
      JsonNode variant = resolve(reference);
      String word = variant.path("properties").path(discriminator).path("const").asText();
      table("`%s`, `%s: %s`".formatted(place, discriminator, word), place, variant);
    }
    if (object.has("properties")) {
      table("`%s`".formatted(place), place, object);
    }
  }

  private JsonNode resolve(JsonNode value) {
    return value.has("$ref") ? schema.at(value.get("$ref").textValue().substring(1)) : value;
  }

  private String kind(JsonNode value) {
    JsonNode resolved = resolve(value);
    if (value.has("const")) {
      return code(value.get("const").textValue());
    } else if (value.has("enum")) {
      List<String> words = new ArrayList<>();
      value.get("enum").forEach(word -> words.add(code(word.textValue())));
      return String.join(", ", words);
    } else if (resolved.has("oneOf") || resolved.has("properties")) {
      return "keys below";
    }
    return switch (value.path("type").asText()) {
      case "array" -> list(value.get("items"));
      case "object" -> map(value);
      case "boolean" -> "`true`, `false`";
      case "integer" -> range(value);
      default -> value.path("patternErrorMessage").asText();
    };
  }

  private String list(JsonNode items) {
    return resolve(items).has("properties") ? "list, keys below" : "list of: " + kind(items);
  }

  private String map(JsonNode value) {
    String keys = kind(value.get("propertyNames"));
    return "map of: " + keys + "; to: " + kind(value.get("additionalProperties"));
  }

  private static String range(JsonNode value) {
    long most = value.get("maximum").asLong();
    String least = value.get("minimum").asText();
    return most >= Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
  }

  private static String standard(JsonNode value) {
    JsonNode standard = value.get("default");
    if (standard.isContainerNode()) {
      return value.has("$ref") ? "as below" : "none";
    }
    return code(standard.asText().isEmpty() ? "''" : standard.asText());
  }

  private static String meaning(JsonNode value) {
    JsonNode words = value.has("items") ? value.get("items") : value;
    StringBuilder meaning = new StringBuilder(value.path("description").asText());
    for (int i = 0; i < words.path("enumDescriptions").size(); i++) {
      String word = code(words.get("enum").get(i).textValue());
      meaning.append("<br>").append(word).append(": ");
      meaning.append(words.get("enumDescriptions").get(i).textValue());
    }
    return meaning.toString();
  }

  private static String code(String text) {
    return "`" + text + "`";
  }
}
