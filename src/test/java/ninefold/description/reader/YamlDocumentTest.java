package ninefold.description.reader;

import static org.assertj.core.api.Assertions.assertThat;

import ninefold.description.problem.Problems;
import ninefold.description.problem.SourceLines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlDocumentTest {
  private final Problems problems = new Problems();
  private final SourceLines lines = new SourceLines();

  private String json(String yaml) {
    return YamlDocument.parse(yaml, problems, lines).toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "on | \"on\"",
        "no | \"no\"",
        "True | \"True\"",
        "true | true",
        "false | false",
        "22:30 | \"22:30\"",
        "2024-01-01 | \"2024-01-01\"",
        "017 | \"017\"",
        "0x10 | \"0x10\"",
        "1_000 | \"1_000\"",
        "-1 | -1",
        "1.5 | 1.5",
        "1.5.0 | \"1.5.0\"",
        "~ | null",
        "null | null",
        "'null' | \"null\"",
        "'7' | \"7\"",
      })
  void plainValues_followYaml12(String yaml, String json) {
    assertThat(json("a: " + yaml)).isEqualTo("{\"a\":" + json + "}");
    assertThat(problems.isEmpty()).isTrue();
  }

  @Test
  void aliasesAndMerges_areExpanded() {
    assertThat(
            json(
                """
                first: &first {a: 1, b: {c: 2}}
                second: {b: 3, <<: *first}
                third: {<<: [{a: 4}, *first], d: 5}
                fourth: *first
                """))
        .isEqualTo(
            "{'first':{'a':1,'b':{'c':2}},'second':{'b':3,'a':1},"
                .concat("'third':{'d':5,'a':4,'b':{'c':2}},'fourth':{'a':1,'b':{'c':2}}}")
                .replace('\'', '"'));
    assertThat(problems.isEmpty()).isTrue();
  }

  @Test
  void lines_areRecordedForEachPath() {
    json("a:\n  b:\n    - c: 1\n    - c: 2\nd: {e: 3}\n");

    assertThat(lines.of("a.b[1].c")).isEqualTo(4);
    assertThat(lines.of("a.b[1].missing")).isEqualTo(4);
    assertThat(lines.of("d.e.f")).isEqualTo(5);
    assertThat(lines.of("nowhere")).as("the line of the whole file").isEqualTo(1);
  }

  @Test
  void keyThatOverridesAMerge_keepsItsLine() {
    json("a: &a\n  b: 1\n  c: 2\nd:\n  <<: *a\n  b: 3\n");

    assertThat(lines.of("d.b")).isEqualTo(6);
    assertThat(lines.of("d.c")).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"!!int four", "!!bool yes", "!!float x", "!!null none", "!x y"})
  void tagOfADifferentType_isAProblem(String value) {
    json("a: " + value);

    assertThat(problems.isEmpty()).isFalse();
  }
}
