package ninefold.description.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;
import ninefold.description.problem.SourceLines;
import ninefold.description.reader.YamlDocument;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FormerKeysTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static List<FormerKeys.Renamed> renamed() {
    return FormerKeys.RENAMED;
  }

  @ParameterizedTest
  @MethodSource("renamed")
  void namesThePresentKey(FormerKeys.Renamed renamed) throws IOException {
    String key = renamed.now().substring(renamed.now().lastIndexOf('.') + 1);

    assertThat(refusal(renamed.path(), "7"))
        .isEqualTo(
            "%s: this key is now %s, %s; write %s: 7%s"
                .formatted(
                    place(renamed.path()),
                    renamed.now(),
                    renamed.form(),
                    key,
                    FormerKeys.UNITS.getOrDefault(renamed.now(), "")));
  }

  @ParameterizedTest
  @MethodSource("renamed")
  void isNoLongerInTheSchema_butThePresentKeyIs(FormerKeys.Renamed renamed) throws IOException {
    assertThat(schema(renamed.path()).isMissingNode()).isTrue();
    assertThat(schema(renamed.now()).isMissingNode()).isFalse();
  }

  static Stream<Map.Entry<String, String>> units() {
    return FormerKeys.UNITS.entrySet().stream().filter(it -> !it.getValue().equals("bytes"));
  }

  @ParameterizedTest
  @MethodSource("units")
  void refusesANumberWithoutAUnit(Map.Entry<String, String> unit) throws IOException {
    String expected =
        "%s: 30 has no unit; write 30%s".formatted(place(unit.getKey()), unit.getValue());

    assertThat(refusal(unit.getKey(), "30")).isEqualTo(expected);
    assertThat(refusal(unit.getKey(), "'30'")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"1048576, 1MiB", "1048577, 2MiB", "0, 0MiB", "104857600, 100MiB"})
  void convertsBytes(String bytes, String size) throws IOException {
    assertThat(refusal("postgresql.maximumLag", bytes))
        .isEqualTo("postgresql.maximumLag: %s has no unit; write %s".formatted(bytes, size));
  }

  static Stream<Map.Entry<String, String>> leftOut() {
    return FormerKeys.LEFT_OUT.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("leftOut")
  void refusesAValueThatStoodForTheDefault(Map.Entry<String, String> value) throws IOException {
    String quoted = value.getValue().isEmpty() ? "''" : value.getValue();

    assertThat(refusal(value.getKey(), quoted))
        .isEqualTo(
            "%s: %s no longer stands for the default; remove the key"
                .formatted(place(value.getKey()), quoted));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "certificates.alsoTrusted | 0 | remove it",
        "access.stepLimit | long | rename it to stepTimeout"
      })
  void renamedKeysWithOddValues(String path, String value, String remedy) throws IOException {
    assertThat(refusal(path, value)).endsWith("; " + remedy);
  }

  /** The problem at a path, in a description with a value there. */
  private static String refusal(String path, String value) throws IOException {
    Problems problems = new Problems();
    JsonNode tree = YamlDocument.parse(yaml(path, value), problems, new SourceLines());
    ReferenceValidator.OURS.check(tree, problems);
    return problems.inOrder(new SourceLines()).stream()
        .filter(problem -> problem.path().equals(place(path)))
        .map(Problem::toString)
        .findFirst()
        .orElse("");
  }

  private static String yaml(String path, String value) {
    String kind = path.startsWith("machines.") ? "kind: libvirt, " : "";
    String[] keys = path.split("\\.", -1);
    String text = value;
    for (int i = keys.length - 1; i >= 0; i--) {
      boolean list = keys[i].endsWith("[]");
      String key = keys[i].replace("[]", "");
      String inner = i == keys.length - 1 ? text : "{" + (i == 0 ? kind : "") + text + "}";
      text = key + ": " + (list ? "[" + inner + "]" : inner);
    }
    return text + "\n";
  }

  private static String place(String path) {
    return path.replace("[]", "[0]");
  }

  private static JsonNode schema(String path) throws IOException {
    JsonNode root = MAPPER.readTree(SchemaGenerator.FILE.toFile());
    JsonNode at = root;
    for (String key : path.split("\\.", -1)) {
      at = at.path("properties").path(key.replace("[]", ""));
      JsonNode item = at.has("items") ? at.get("items") : at;
      at = item.has("$ref") ? root.at(item.get("$ref").textValue().substring(1)) : item;
    }
    return at;
  }
}
