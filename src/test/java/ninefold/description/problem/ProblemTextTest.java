package ninefold.description.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemTextTest {
  @ParameterizedTest
  @CsvSource({"'','',0", "'',abc,3", "abc,abc,0", "adress,address,1", "cdir,cidr,2", "ab,xyz,3"})
  void distance_isTheNumberOfEdits(String one, String other, int distance) {
    assertThat(ProblemText.distance(one, other)).isEqualTo(distance);
    assertThat(ProblemText.distance(other, one)).isEqualTo(distance);
  }

  @Test
  void didYouMean_suggestsOnlySimilarWords() {
    assertThat(ProblemText.didYouMean("adress", List.of("name", "address")))
        .isEqualTo("did you mean 'address'? (allowed: name, address)");
    assertThat(ProblemText.didYouMean("colour", List.of("name", "address")))
        .isEqualTo("allowed: name, address");
  }

  @Test
  void quotedText_isOneShortLine() {
    assertThat(ProblemText.quote("a\nb\u001b[2J")).isEqualTo("'a�b�[2J'");
    assertThat(ProblemText.quote("x".repeat(100))).hasSize(63).endsWith("x…'");
  }
}
