package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maven takes no file whose digest is not the one in {@code .mvn/checksums}. */
final class TrustedChecksumsTest {
  @TempDir private Path project;
  private MavenBuild build;

  @BeforeEach
  void copyBuild() throws IOException {
    build = MavenBuild.in(project);
  }

  @Test
  void theListedFilesAreTaken() {
    var ended = build.run();

    assertThat(ended.status()).as(ended.said()).isZero();
  }

  @Test
  void anotherFileIsRefused() throws IOException {
    build.list(line -> "0".repeat(64) + line.substring(64));

    assertThat(build.run().said()).contains("freemarker", "trusted checksum mismatch");
  }

  @Test
  void aFileThatIsNotListedIsRefused() throws IOException {
    build.list(line -> "");

    assertThat(build.run().said()).contains("freemarker", "Missing from summaryFile");
  }
}
