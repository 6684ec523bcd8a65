package ninefold.description.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;
import ninefold.description.problem.SourceLines;
import ninefold.description.schema.ReferenceValidator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file of the corpus is refused, with exactly the problems of its {@code # expect:} lines,
 * which contain the beginnings of the expected problems, in any order.
 */
class BadDescriptionsTest {
  private static final Path CORPUS = Path.of("src/test/resources/descriptions/bad");
  private static final String EXPECT = "# expect: ";

  static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(CORPUS)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void hasExactlyTheExpectedProblems(Path file) throws IOException {
    List<String> expected =
        Files.readAllLines(file).stream()
            .filter(line -> line.startsWith(EXPECT))
            .map(line -> line.substring(EXPECT.length()))
            .toList();
    assertThat(expected).as("expected problems of " + file).isNotEmpty();

    InvalidDescriptionException refused = refusal(file);

    assertThat(refused).as(file + " is refused").isNotNull();
    List<String> found = refused.problems().stream().map(Problem::toString).toList();
    assertThat(found)
        .allSatisfy(problem -> assertThat(expected).anyMatch(problem::startsWith))
        .hasSameSizeAs(expected);
    assertThat(expected).allMatch(text -> found.stream().anyMatch(it -> it.startsWith(text)));
  }

  @ParameterizedTest
  @MethodSource("files")
  void schemaAndReferenceValidator_agree(Path file) throws IOException {
    JsonNode tree = YamlDocument.parse(Files.readString(file), new Problems(), new SourceLines());
    List<?> expected = ReferenceValidator.errors(tree);

    Problems problems = new Problems();
    ReferenceValidator.OURS.check(tree, problems);

    assertThat(problems.isEmpty())
        .as("problems of the reference validator: %s", expected)
        .isEqualTo(expected.isEmpty());
  }

  @Test
  void message_containsFilePathAndLine() {
    Path file = CORPUS.resolve("every-stage.yaml");

    InvalidDescriptionException refused = refusal(file);

    assertThat(refused)
        .hasMessage(
            """
            src/test/resources/descriptions/bad/every-stage.yaml: 4 problems; nothing was touched:
              failovr: unknown key; did you mean 'failover'? (allowed: name, network, durability, \
            failover, access, firewall, certificates, passwords, packages, time, etcd, postgresql, pooling, balancing, \
            backup, bootstrap, health, databases, drop, machines, nodes) (line 6)
              etcd.clientPort: 0 is out of range; allowed: 1 to 65535 (line 7)
              nodes[1].name: nodes[0] is also named p1; give each node its own name (line 14)
              nodes[3].address: 192.168.1.4 is outside network 10.0.0.0/24; \
            allowed: 10.0.0.1 to 10.0.0.254 (line 16)\
            """);
  }

  @Test
  void missingFile_isReported() {
    assertThat(refusal(CORPUS.resolve("none.yaml")))
        .hasMessageContaining("none.yaml: 1 problem")
        .hasMessageContaining("there is no such file; set ninefold:cluster");
  }

  @Test
  void fileThatIsNotText_isRefused(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("latin1.yaml"), new byte[] {'a', ':', (byte) 0xfc});

    assertThat(refusal(file)).hasMessageContaining("the file is not UTF-8 text; save it as UTF-8");
  }

  @Test
  void largeFile_isRefused(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("large.yaml"), "#".repeat((1 << 20) + 1));

    assertThat(refusal(file)).hasMessageContaining("the file is larger than 1 MiB");
  }

  private static InvalidDescriptionException refusal(Path file) {
    return catchThrowableOfType(
        InvalidDescriptionException.class, () -> DescriptionReader.read(file));
  }
}
