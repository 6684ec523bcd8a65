package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Runs the tests of the prose rules of {@code make lint}, which are written in Python. */
final class ProseTest {
  @Test
  void rulesDetectTheirDefects() {
    var ended = TestProcess.run("toolchain/test-prose");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("OK");
  }
}
