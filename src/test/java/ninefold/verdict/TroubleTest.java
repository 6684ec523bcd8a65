package ninefold.verdict;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The findings on a healthy cluster, and on many small changes of its facts. */
class TroubleTest {
  private static final Path TABLE = Path.of("src/test/resources/verdict/troubles.txt");
  private static final Cluster CLUSTER = DescriptionReader.read(Descriptions.stack("containers"));

  /** A page of the documentation, and optionally a section of it. */
  private static final Pattern PAGE =
      Pattern.compile("(docs/operations/[a-z-]+\\.md)(?:, ([A-Z][^;]*))?");

  private static void assertExists(MatchResult named) {
    Path page = Path.of(named.group(1));
    assertThat(page).exists();
    if (named.group(2) != null) {
      assertThat(page).content().contains("\n## " + named.group(2));
    }
  }

  /** One line of the table. */
  private record Trouble(String found, String state, String changes) {
    static Trouble parse(String line) {
      String[] columns = line.split("\\|", 3);
      return new Trouble(columns[0].strip(), columns[1].strip(), columns[2].strip());
    }

    List<String> expected(Recording recording) {
      return found.isEmpty() ? List.of() : List.of(recording.named(found).split(" +", -1));
    }

    @Override
    public String toString() {
      return (found.isEmpty() ? "nothing" : found) + ": " + changes;
    }
  }

  static List<Trouble> troubles() throws IOException {
    try (Stream<String> lines = Files.lines(TABLE)) {
      return lines
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(Trouble::parse)
          .toList();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("troubles")
  void change_causesExactlyTheseFindings(Trouble trouble) {
    Recording recording = Recording.of(CLUSTER);

    Verdict verdict = recording.change(trouble.changes()).verdict();

    assertThat(verdict.findings())
        .extracting(
            finding -> finding.check().word() + finding.node().map(node -> "@" + node).orElse(""))
        .as(verdict.findings().toString())
        .containsExactlyInAnyOrderElementsOf(trouble.expected(recording));
    assertThat(verdict.state().word()).isEqualTo(trouble.state());
  }

  /** So removing a check makes a line of the table fail. */
  @Test
  void eachCheck_isCoveredByTheTable() throws IOException {
    Set<String> proved =
        troubles().stream()
            .flatMap(trouble -> Arrays.stream(trouble.found().split(" +", -1)))
            .map(found -> found.replaceFirst("@.*", ""))
            .collect(toSet());

    assertThat(proved)
        .containsAll(
            Arrays.stream(Check.values())
                // Only a wrong description causes it: see OtherDescriptionsTest.
                .filter(check -> check != Check.SETTING_UNREADABLE)
                .map(Check::word)
                .toList());
  }

  /** Every placeholder is filled in, and every page that is named exists. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("troubles")
  void finding_isASentenceWithANextStep(Trouble trouble) {
    Verdict verdict = Recording.of(CLUSTER).change(trouble.changes()).verdict();

    assertThat(verdict.findings())
        .allSatisfy(
            finding -> {
              assertThat(finding.what()).matches("\\S.*[^. ]\\.").doesNotContain("%s", "Optional");
              assertThat(finding.next()).isNotBlank().doesNotEndWith(".").doesNotContain("%");
              PAGE.matcher(finding.next()).results().forEach(TroubleTest::assertExists);
            });
    assertThat(verdict.line()).doesNotContain("\n");
  }
}
