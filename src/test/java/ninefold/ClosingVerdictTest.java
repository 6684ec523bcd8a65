package ninefold;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The command that an {@code up} ends with, and the program that answers it. */
class ClosingVerdictTest {
  private static final Map<String, String> SETTINGS =
      Map.of("cluster", "stacks/dev.yaml", "baseImage", "pom.xml");

  @Test
  void anUp_answersItsCommand() throws Exception {
    var up = Graph.ofUp(SETTINGS);

    assertThat(up.exceptions()).isEmpty();
    assertThat(socket(up)).exists();
  }

  /** Pulumi runs no command then. */
  @Test
  void aPreview_answersNothing() throws Exception {
    Files.deleteIfExists(socket(Graph.of(SETTINGS)));

    assertThat(socket(Graph.of(SETTINGS))).doesNotExist();
  }

  /** Else Pulumi would see a change in every run. */
  @Test
  void theCommand_isTheSameInBoth() {
    assertThat(verdict(Graph.ofUp(SETTINGS)).inputs())
        .isEqualTo(verdict(Graph.of(SETTINGS)).inputs())
        .containsEntry("create", "./ninefold verify");
  }

  /** Where {@code toolchain/ask-program} looks for the program. */
  private static Path socket(Graph graph) throws Exception {
    var input = (String) verdict(graph).inputs().get("stdin");
    var digest = MessageDigest.getInstance("SHA-256").digest(input.getBytes(UTF_8));
    return Path.of("target", "verdict", HexFormat.of().formatHex(digest, 0, 16));
  }

  private static Graph.Declared verdict(Graph graph) {
    return graph.resources().stream()
        .filter(resource -> resource.name().equals("verdict"))
        .findFirst()
        .orElseThrow();
  }
}
