package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The rules for prose that {@code make lint} applies; their tests are Python, as it is. */
final class ProseTest {
  @Test
  void rulesFindWhatTheyAreFor() {
    var ended = TestProcess.run("toolchain/test-prose");

    assertThat(ended.status()).as(ended.said()).isZero();
    assertThat(ended.said()).contains("OK");
  }
}
