package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The checks of the documentation that {@code make lint} runs. */
final class DocumentationTest {
  @Test
  void checksFindWhatTheyAreFor() {
    var ended = TestProcess.run("toolchain/test-documentation");

    assertThat(ended.status()).as(ended.said()).isZero();
    assertThat(ended.said()).contains("OK");
  }
}
