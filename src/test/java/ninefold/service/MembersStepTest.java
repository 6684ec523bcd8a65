package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the step that looks for a leaving leader, with a fake of Patroni's API. */
final class MembersStepTest {
  private static final String REPLICA_LEAVES =
      """
      echo '{"members": [
        {"name": "a", "role": "leader", "state": "running", "api_url": "https://1.1.1.1:8008/patroni"},
        {"name": "z", "role": "replica", "state": "streaming", "api_url": "https://9.9.9.9:8008/patroni"}]}'
      """;

  @TempDir private Path machine;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    Files.createDirectories(machine.resolve("run"));
    Files.createDirectories(machine.resolve("state/applied"));
    Files.createFile(machine.resolve("state/applied/patroni"));
    TestProcess.environment(machine, "NODE=a", "PATRONI_ENDPOINT=1.1.1.1:8008");
    for (var script : List.of("patroni/members", "patroni/patroni-api.sh", "host/lib.sh")) {
      TestProcess.script(
          machine, script.substring(script.indexOf('/') + 1), Template.script(script));
    }
  }

  @Test
  void leavingReplica_isReported_withoutASwitchover() {
    var ended = step(REPLICA_LEAVES);

    assertThat(ended.output()).isEqualTo("z is to leave\n");
    assertThat(machine.resolve("state/applied/members")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit 7", "echo Service Unavailable"})
  void withoutAnAnsweringMember_theStepFails(String answer) {
    var ended = step(answer);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("no Patroni answers", "nothing was changed");
    assertThat(machine.resolve("state/applied/members")).doesNotExist();
  }

  private TestProcess.Ended step(String curl) {
    TestProcess.executable(machine.resolve("bin/curl"), "#!/bin/bash\n" + curl + "\n");
    return TestProcess.run(
        List.of(machine.resolve("lib/members").toString()),
        "scope s\nmembers 1.1.1.1:8008\n=== end\n",
        Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
  }
}
