package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Runs the tests of the documentation checks of {@code make lint}. */
final class DocumentationTest {
  @Test
  void checksDetectTheirDefects() {
    var ended = TestProcess.run("toolchain/test-documentation");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("OK");
  }
}
