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

/**
 * Tests the restart of a member: {@code templates/patroni/scripts/patroni-restart.sh} on machine b,
 * a replica.
 */
class PatroniRestartTest {
  private static final String CLUSTER =
      """
      {"members": [
        {"name": "a", "role": "leader", "state": "running"},
        {"name": "b", "role": "replica", "state": "streaming"},
        {"name": "c", "role": "replica", "state": "%s"}]}
      """;

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    Files.createDirectories(machine.resolve("run"));
    Files.createDirectories(machine.resolve("etc/patroni/config.d"));
    TestProcess.environment(machine, "NODE=b", "PATRONI_ENDPOINT=b:8008");
    for (var script : List.of("patroni/patroni-restart", "patroni/patroni-api.sh", "host/lib.sh")) {
      TestProcess.script(
          machine,
          script.substring(script.indexOf('/') + 1),
          Template.script(script),
          "/etc/patroni/",
          "/etc/ninefold/");
    }
    command("hostname", "echo b");
    command("journalctl", "");
    command("curl", "cat MACHINE/cluster");
    command("systemctl", "echo \"$*\" >>MACHINE/units");
    command(
        "etcdctl",
        """
        case $1 in
          get) cat MACHINE/note 2>/dev/null || true ;;
          put) echo "$3" >MACHINE/note ;;
          del) rm MACHINE/note ;;
        esac
        """);
  }

  @Test
  void healthyCluster_allowsARestart_andNoNoteRemains() throws IOException {
    cluster("streaming");

    var ended = restart(60);

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(machine.resolve("units")).content().contains("restart patroni");
    assertThat(machine.resolve("note")).doesNotExist();
  }

  @Test
  void failureOfAMemberWithTheSameChange_preventsTheRestart() throws IOException {
    cluster("start failed");
    Files.writeString(machine.resolve("note"), "c 17\n");

    var ended = restart(60);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("b: patroni: c did not become healthy with this same change")
        .doesNotContain("not so after");
    assertThat(machine.resolve("units")).doesNotExist();
  }

  @Test
  void recoveredMember_allowsTheRestart() throws IOException {
    cluster("streaming");
    Files.writeString(machine.resolve("note"), "c 17\n");

    assertThat(restart(60).status()).isZero();
  }

  /** The different change may repair that member. */
  @Test
  void failureWithADifferentChange_isWaitedFor() throws IOException {
    cluster("start failed");
    Files.writeString(machine.resolve("note"), "c 16\n");

    var ended = restart(1);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("every member is healthy before a restart: not so after");
  }

  private void cluster(String state) throws IOException {
    Files.writeString(machine.resolve("cluster"), CLUSTER.formatted(state));
  }

  private TestProcess.Ended restart(int seconds) {
    return TestProcess.run(
        List.of(
            "bash",
            "-c",
            "NINEFOLD_DEADLINE=$((EPOCHSECONDS + %d)) %s/lib/patroni-restart trio 17"
                .formatted(seconds, machine)),
        "",
        Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
  }

  private void command(String name, String text) {
    TestProcess.executable(
        machine.resolve("bin").resolve(name),
        "#!/bin/bash\n" + text.replace("MACHINE", machine.toString()) + "\n");
  }
}
