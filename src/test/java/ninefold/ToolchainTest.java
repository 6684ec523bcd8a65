package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the toolchain takes; its tests are Python, as it is. */
final class ToolchainTest {
  @Test
  void onlyWhatIsPinnedIsTaken() {
    var ended = TestProcess.run("toolchain/test-toolchain");

    assertThat(ended.status()).as(ended.said()).isZero();
    assertThat(ended.said()).contains("OK");
  }
}
