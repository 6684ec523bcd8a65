package ninefold.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FactsTest {
  private static final String HEAD =
      "{\"node\": \"a\", \"cluster\": \"c\", \"time\": 1764486000.125";

  private static Facts parse(String more) throws UnreadableFacts {
    return Facts.parse(HEAD + more + "}");
  }

  @Test
  void aSectionThatIsNotThereIsAbsent() throws UnreadableFacts {
    Facts facts = parse("");

    assertThat(facts.at()).isEqualTo(Instant.parse("2025-11-30T07:00:00.125Z"));
    assertThat(facts.etcd()).isEqualTo(new Part.Absent<>());
    assertThat(facts.certificates()).isEqualTo(new Part.Absent<>());
  }

  @Test
  void aSectionThatWasNotCollectedSaysWhy() throws UnreadableFacts {
    assertThat(parse(", \"etcd\": {\"error\": \"timeout\"}").etcd())
        .isEqualTo(new Part.Failed<>("timeout"));
  }

  @Test
  void aPartThatWasNotCollectedLeavesTheOthers() throws UnreadableFacts {
    Facts facts = parse(", \"machine\": {\"clock\": {\"error\": \"no\"}, \"mounts\": []}");

    assertThat(facts.machine().known().orElseThrow())
        .isEqualTo(new MachineFacts(new Part.Failed<>("no"), new Part.Present<>(List.of())));
  }

  @Test
  void aPartInAnotherFormIsAFailureOfThatPart() throws UnreadableFacts {
    Facts facts = parse(", \"keepalived\": {\"holds\": \"who knows\"}, \"path\": {}");

    assertThat(facts.keepalived())
        .isInstanceOfSatisfying(
            Part.Failed.class, failed -> assertThat(failed.reason()).contains("another form"));
    assertThat(facts.path().known()).isPresent();
  }

  @Test
  void whatIsMissingInASectionIsAFailureOfTheSection() throws UnreadableFacts {
    assertThat(parse(", \"haproxy\": {\"servers\": [], \"frontends\": []}").haproxy())
        .isInstanceOf(Part.Failed.class);
  }

  @Test
  void unknownKeysAreIgnored() throws UnreadableFacts {
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
  void whatIsNoAnswerIsRefused(String text) {
    assertThatThrownBy(() -> Facts.parse(text)).isInstanceOf(UnreadableFacts.class);
  }
}
