package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maven takes no file whose digest is not the one in {@code .mvn/checksums}. */
final class TrustedChecksumsTest {
  private static final Path CONFIGURATION = Path.of(".mvn");
  private static final String LIST = "checksums/checksums.sha256";
  private static final String JAR = "/freemarker-";

  @TempDir private Path project;

  /** The project's own build, of no source at all. */
  @BeforeEach
  void copyBuild() throws IOException {
    try (var files = Files.walk(CONFIGURATION)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var copy = project.resolve(file);
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    Files.copy(Path.of("pom.xml"), project.resolve("pom.xml"));
    Program.executable(project.resolve("mvnw"), Files.readString(Path.of("mvnw")));
  }

  @Test
  void theListedFilesAreTaken() {
    var ended = build();

    assertThat(ended.status()).as(ended.said()).isZero();
  }

  @Test
  void anotherFileIsRefused() throws IOException {
    rewrite(line -> isJar(line) ? "0".repeat(64) + line.substring(64) : line);

    assertThat(build().said()).contains("freemarker", "trusted checksum mismatch");
  }

  @Test
  void aFileThatIsNotListedIsRefused() throws IOException {
    rewrite(line -> isJar(line) ? "" : line);

    assertThat(build().said()).contains("freemarker", "Missing from summaryFile");
  }

  private static boolean isJar(String line) {
    return line.contains(JAR) && line.endsWith(".jar");
  }

  private void rewrite(UnaryOperator<String> change) throws IOException {
    var list = project.resolve(CONFIGURATION).resolve(LIST);
    var lines = Files.readAllLines(list);
    assertThat(lines).anyMatch(TrustedChecksumsTest::isJar);
    Files.write(list, lines.stream().map(change).filter(line -> !line.isEmpty()).toList());
  }

  private Program.Ended build() {
    var command = new ArrayList<>(List.of(project.resolve("mvnw").toString(), "-o", "-q"));
    Optional.ofNullable(System.getProperty("localRepository"))
        .ifPresent(repository -> command.add("-Dmaven.repo.local=" + repository));
    command.addAll(List.of("-f", project.resolve("pom.xml").toString(), "process-resources"));
    return Program.run(command, "", Map.of());
  }
}
