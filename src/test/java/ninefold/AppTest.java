package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import com.pulumi.exceptions.RunException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told who got something wrong: the message, and nothing of the program. */
class AppTest {
  @TempDir private Path folder;

  @Test
  void anInvalidDescriptionIsToldWhole() throws Exception {
    var file = Files.writeString(folder.resolve("bad.yaml"), "name: Bad Name\nnodes: []\n");

    var graph = Graph.of(Map.of("cluster", file.toString()));

    assertThat(told(graph))
        .startsWith(file + ": ")
        .contains("nothing was touched", "name", "network", "machines", "nodes")
        .doesNotContain("Exception", "\tat ");
    assertThat(graph.steps()).isEmpty();
  }

  @Test
  void aMissingDescriptionIsToldByItsPath() {
    assertThat(told(Graph.of(Map.of("cluster", "stacks/nowhere.yaml"))))
        .contains("stacks/nowhere.yaml", "there is no such file");
  }

  @Test
  void theSettingOfTheDescriptionIsAskedFor() {
    assertThat(told(Graph.of(Map.of()))).contains("ninefold:cluster");
  }

  @Test
  void hostsWithoutAKnownKeyAreNamed() {
    var graph = Graph.of(Map.of("cluster", "stacks/containers.yaml", "sshPrivateKey", "private"));

    assertThat(told(graph))
        .contains("node postgres1 (192.168.100.1)", "node repository (192.168.100.9)")
        .doesNotContain("Exception", "\tat ");
    assertThat(graph.steps()).isEmpty();
  }

  private static String told(Graph graph) {
    assertThat(graph.exceptions()).hasAtLeastOneElementOfType(RunException.class);
    return String.join("\n", graph.errors());
  }
}
