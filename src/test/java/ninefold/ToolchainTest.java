package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Runs the tests of the toolchain, which are written in Python. */
final class ToolchainTest {
  @Test
  void onlyPinnedVersionsAreInstalled() {
    var ended = TestProcess.run("toolchain/test-toolchain");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("OK");
  }
}
