package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@code templates/host/scripts/step.sh}, which runs a step's script, with the real shell.
 */
class StepTest {
  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithTheStep() throws IOException {
    Files.createDirectories(machine.resolve("lib"));
    TestProcess.executable(
        machine.resolve("lib/step"),
        Template.script("host/step")
            .replace("/usr/local/lib/ninefold", machine + "/lib")
            .replace("/var/lib/ninefold", machine + "/state")
            .replace("/run/ninefold", machine + "/run/ninefold"));
    Files.createDirectories(machine.resolve("run"));
    TestProcess.executable(machine.resolve("bin/hostname"), "#!/bin/sh\necho machine1\n");
    TestProcess.executable(machine.resolve("bin/df"), "#!/bin/sh\necho\n");
  }

  @Test
  void hangingScript_isStoppedAfterTheTimeout_andReported() {
    script("#!/bin/bash\nexec tail -f /dev/null\n");

    var ended = step(1);

    assertThat(ended.status()).isEqualTo(124);
    assertThat(ended.output())
        .contains("machine1: step 'etcd' did not end within 1 s")
        .contains("access.stepTimeout", "pulumi up");
  }

  /** A step could start PostgreSQL with the old data. */
  @Test
  void duringARestoreOfTheCluster_noOtherStepRuns() throws Exception {
    script("#!/bin/bash\necho ran\n");
    Files.createDirectories(machine.resolve("state"));
    Files.writeString(machine.resolve("state/restoring"), "t1");

    var ended = step(20);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("a restore of the whole cluster is under way", "./ninefold restore --continue")
        .doesNotContain("ran\n");
  }

  @Test
  void step_waitsForAnEarlierOne_andReportsItsProcess() throws Exception {
    script("#!/bin/bash\necho ran\n");
    var earlier =
        new ProcessBuilder(
                "bash",
                "-c",
                "install -d -m 0700 $0 && exec flock $0/lock bash -c 'echo held; exec cat'",
                machine + "/run/ninefold")
            .start();
    try {
      assertThat(earlier.inputReader().readLine()).isEqualTo("held");

      var ended = step(1);

      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.output())
          .contains("machine1: an earlier step is still running after 1 s")
          .doesNotContain("ran");
    } finally {
      earlier.getOutputStream().close();
      earlier.waitFor();
    }
    assertThat(step(20).output()).isEqualTo("ran\n");
  }

  /**
   * Every user may write to Debian's folder for locks, and a user who can open a file can lock it.
   */
  @Test
  void lock_isInAFolderOfRoot() throws Exception {
    script("#!/bin/bash\necho ran\n");
    Files.createDirectories(machine.resolve("run/ninefold"));

    assertThat(step(20).output()).isEqualTo("ran\n");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(lockFolder())))
        .isEqualTo("rwx------");
    assertThat(lockFolder().resolve("lock")).exists();
  }

  @Test
  void filesOfAKilledStep_areRemoved() throws Exception {
    script("#!/bin/bash\necho ran\n");
    var left = Files.createDirectories(machine.resolve("run/ninefold.Ab12Xy"));
    Files.writeString(left.resolve("001"), "a key\n");
    var before = Files.writeString(machine.resolve("run/ninefold-firewall.before"), "rules\n");

    step(20);

    assertThat(left).doesNotExist();
    assertThat(before).exists();
  }

  @Test
  void fullFileSystems_areReportedAfterAFailure() {
    script("#!/bin/bash\nexit 7\n");
    TestProcess.executable(
        machine.resolve("bin/df"),
        "#!/bin/sh\nprintf 'Filesystem 1024-blocks Used Available Capacity Mounted\\n"
            + "a 9 9 0 100%% /var\\nb 9 1 8 11%% /\\n'\n");

    var ended = step(20);

    assertThat(ended.status()).isEqualTo(7);
    assertThat(ended.output())
        .contains("machine1: full: /var. Make room")
        .doesNotContain("full: / ");
  }

  private Path lockFolder() {
    return machine.resolve("run/ninefold");
  }

  private void script(String text) {
    TestProcess.executable(machine.resolve("lib/etcd"), text);
  }

  /** The commands of stacks that an earlier version built begin with a timeout. */
  @Test
  void timeoutInAnOldCommand_isIgnored() {
    script("#!/bin/bash\necho ran \"$@\"\n");

    assertThat(step(20, "900", "etcd", "remove").output()).isEqualTo("ran remove\n");
  }

  private TestProcess.Ended step(int limit) {
    return step(limit, "etcd");
  }

  private TestProcess.Ended step(int limit, String... arguments) {
    TestProcess.executable(machine.resolve("lib/limit"), limit + "\n");
    return TestProcess.run(
        Stream.concat(Stream.of(machine.resolve("lib/step").toString()), Stream.of(arguments))
            .toList(),
        "",
        Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH"), "LC_ALL", "C"));
  }
}
