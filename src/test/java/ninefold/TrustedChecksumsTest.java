package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that Maven accepts only files whose digests are in {@code .mvn/checksums}. */
final class TrustedChecksumsTest {
  @TempDir private Path project;
  private MavenBuild build;

  @BeforeEach
  void copyBuild() throws IOException {
    build = MavenBuild.in(project);
  }

  @Test
  void listedFiles_areAccepted() {
    var ended = build.run();

    assertThat(ended.status()).as(ended.output()).isZero();
  }

  @Test
  void changedFile_isRefused() throws IOException {
    build.list(line -> "0".repeat(64) + line.substring(64));

    assertThat(build.run().output()).contains("freemarker", "trusted checksum mismatch");
  }

  @Test
  void unlistedFile_isRefused() throws IOException {
    build.list(line -> "");

    assertThat(build.run().output()).contains("freemarker", "Missing from summaryFile");
  }
}
