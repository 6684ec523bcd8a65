package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The documentation of the attempts: each foothold is a row of docs/security.md, and
 * docs/attempts.md lists each attempt.
 */
final class AttemptsTest {
  private static final Path SECURITY = Path.of("docs/security.md");
  private static final Path PAGE = Path.of("docs/attempts.md");

  @ParameterizedTest
  @EnumSource
  void foothold_isARowOfTheSecurityPage(Foothold foothold) throws IOException {
    try (Stream<String> lines = Files.lines(SECURITY)) {
      assertThat(lines).anyMatch(line -> line.startsWith("| " + foothold.row() + " | "));
    }
  }

  /** {@code -Dattempts=write} regenerates the page. */
  @Test
  void page_listsEveryAttempt() throws IOException {
    var page = Files.readString(PAGE);
    var head = page.substring(0, page.indexOf("| who |"));
    if ("write".equals(System.getProperty("attempts"))) {
      Files.writeString(PAGE, head + Attempts.table());
    }
    assertThat(Files.readString(PAGE)).isEqualTo(head + Attempts.table());
  }
}
