package ninefold.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parsing of the facts. */
class FactsTest {
  private static final String HEAD =
      "{\"node\": \"a\", \"cluster\": \"c\", \"time\": 1764486000.125";

  private static Facts parse(String more) throws UnreadableFactsException {
    return Facts.parse(HEAD + more + "}");
  }

  @Test
  void missingSection_isAbsent() throws UnreadableFactsException {
    Facts facts = parse("");

    assertThat(facts.at()).isEqualTo(Instant.parse("2025-11-30T07:00:00.125Z"));
    assertThat(facts.etcd()).isEqualTo(new FactsSection.Absent<>());
    assertThat(facts.certificates()).isEqualTo(new FactsSection.Absent<>());
  }

  @Test
  void sectionThatCouldNotBeCollected_hasAReason() throws UnreadableFactsException {
    assertThat(parse(", \"etcd\": {\"error\": \"timeout\"}").etcd())
        .isEqualTo(new FactsSection.Failed<>("timeout"));
  }

  @Test
  void partThatCouldNotBeCollected_leavesTheOthers() throws UnreadableFactsException {
    Facts facts = parse(", \"machine\": {\"clock\": {\"error\": \"no\"}, \"mounts\": []}");

    assertThat(facts.machine().known().orElseThrow())
        .isEqualTo(
            new MachineFacts(
                new FactsSection.Failed<>("no"), new FactsSection.Present<>(List.of())));
  }

  @Test
  void partWithAnUnexpectedFormat_fails() throws UnreadableFactsException {
    Facts facts = parse(", \"keepalived\": {\"holds\": \"who knows\"}, \"path\": {}");

    assertThat(facts.keepalived())
        .isInstanceOfSatisfying(
            FactsSection.Failed.class,
            failed -> assertThat(failed.reason()).contains("unexpected format"));
    assertThat(facts.path().known()).isPresent();
  }

  @Test
  void sectionWithAMissingKey_fails() throws UnreadableFactsException {
    assertThat(parse(", \"haproxy\": {\"servers\": [], \"frontends\": []}").haproxy())
        .isInstanceOf(FactsSection.Failed.class);
  }

  @Test
  void unknownKey_isIgnored() throws UnreadableFactsException {
    Facts facts = parse(", \"more\": 1, \"keepalived\": {\"holds\": true, \"more\": {}}");

    assertThat(facts.keepalived().known().orElseThrow().holds()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "sudo: a password is required",
        "{}",
        "{\"node\": \"a\", \"cluster\": \"c\"}",
        "{\"node\": \"a\", \"cluster\": null, \"time\": 1}",
        "{\"node\": \"a\", \"cluster\": \"c\", \"time\": 1} and more"
      })
  void invalidAnswer_isRejected(String text) {
    assertThatThrownBy(() -> Facts.parse(text)).isInstanceOf(UnreadableFactsException.class);
  }
}
