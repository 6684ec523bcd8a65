package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.Program;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs a step's script: {@code templates/host/step}, by the real shell. */
class StepTest {
  /** Stands for the root of a machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithTheStep() throws IOException {
    Files.createDirectories(machine.resolve("lib"));
    Program.executable(
        machine.resolve("lib/step"),
        Template.text("host/step")
            .replace("/usr/local/lib/ninefold", machine + "/lib")
            .replace("/run/lock/ninefold", machine + "/lock"));
    Program.executable(machine.resolve("bin/hostname"), "#!/bin/sh\necho machine1\n");
    Program.executable(machine.resolve("bin/df"), "#!/bin/sh\necho\n");
  }

  @Test
  void aScriptThatHangsIsEndedWithinItsLimit_andTold() {
    script("#!/bin/bash\nexec tail -f /dev/null\n");

    var ended = step(1);

    assertThat(ended.status()).isEqualTo(124);
    assertThat(ended.said())
        .contains("machine1: step 'etcd' did not end within 1 s")
        .contains("access.stepLimit", "pulumi up");
  }

  @Test
  void aStepWaitsForAnEarlierOne_andTellsWhoIsStillAtWork() throws Exception {
    script("#!/bin/bash\necho ran\n");
    var earlier =
        new ProcessBuilder("flock", machine + "/lock", "bash", "-c", "echo held; exec cat").start();
    try {
      assertThat(earlier.inputReader().readLine()).isEqualTo("held");

      var ended = step(1);

      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.said())
          .contains("machine1: an earlier step is still running after 1 s")
          .doesNotContain("ran");
    } finally {
      earlier.getOutputStream().close();
      earlier.waitFor();
    }
    assertThat(step(20).said()).isEqualTo("ran\n");
  }

  @Test
  void afterAFailureFullFileSystemsAreNamed() {
    script("#!/bin/bash\nexit 7\n");
    Program.executable(
        machine.resolve("bin/df"),
        "#!/bin/sh\nprintf 'Filesystem 1024-blocks Used Available Capacity Mounted\\n"
            + "a 9 9 0 100%% /var\\nb 9 1 8 11%% /\\n'\n");

    var ended = step(20);

    assertThat(ended.status()).isEqualTo(7);
    assertThat(ended.said()).contains("machine1: full: /var. Make room").doesNotContain("full: / ");
  }

  private void script(String text) {
    Program.executable(machine.resolve("lib/etcd"), text);
  }

  /** A stack that an earlier version built removes its steps by commands that name a limit. */
  @Test
  void aLimitInTheCommandIsReadOver() {
    script("#!/bin/bash\necho ran \"$@\"\n");

    assertThat(step(20, "900", "etcd", "remove").said()).isEqualTo("ran remove\n");
  }

  private Program.Ended step(int limit) {
    return step(limit, "etcd");
  }

  private Program.Ended step(int limit, String... arguments) {
    Program.executable(machine.resolve("lib/limit"), limit + "\n");
    return Program.run(
        Stream.concat(Stream.of(machine.resolve("lib/step").toString()), Stream.of(arguments))
            .toList(),
        "",
        Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH"), "LC_ALL", "C"));
  }
}
