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
 * The attempts on paper: each foothold is a row of the security page, and each attempt is listed.
 */
final class AttemptsTest {
  private static final Path SECURITY = Path.of("docs/security.md");
  private static final Path LISTED = Path.of("docs/attempts.md");

  @ParameterizedTest
  @EnumSource
  void aFoothold_isARowOfTheSecurityPage(Foothold foothold) throws IOException {
    try (Stream<String> lines = Files.lines(SECURITY)) {
      assertThat(lines).anyMatch(line -> line.startsWith("| " + foothold.row() + " | "));
    }
  }

  /** With {@code -Dattempts=write} the page is written anew. */
  @Test
  void thePage_listsEachAttempt() throws IOException {
    var page = Files.readString(LISTED);
    var head = page.substring(0, page.indexOf("| who |"));
    if ("write".equals(System.getProperty("attempts"))) {
      Files.writeString(LISTED, head + Attempts.table());
    }
    assertThat(Files.readString(LISTED)).isEqualTo(head + Attempts.table());
  }
}
