package ninefold;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests the last command of an {@code up}, and the program that answers it. */
class ClosingVerdictTest {
  private static final Map<String, String> SETTINGS =
      Map.of("cluster", "stacks/dev.yaml", "baseImage", "pom.xml");

  @Test
  void update_answersItsCommand() throws Exception {
    var up = Graph.ofUp(SETTINGS);

    assertThat(up.exceptions()).isEmpty();
    assertThat(socket(up)).exists();
  }

  /** A preview runs no command. */
  @Test
  void preview_opensNoSocket() throws Exception {
    Files.deleteIfExists(socket(Graph.of(SETTINGS)));

    assertThat(socket(Graph.of(SETTINGS))).doesNotExist();
  }

  /** Otherwise Pulumi would see a change in every run. */
  @Test
  void commandIsTheSameInPreviewAndUpdate() {
    assertThat(verdict(Graph.ofUp(SETTINGS)).inputs())
        .isEqualTo(verdict(Graph.of(SETTINGS)).inputs())
        .containsEntry("create", "./ninefold verify");
  }

  /** Returns the socket at which {@code toolchain/ask-program} finds the program. */
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
