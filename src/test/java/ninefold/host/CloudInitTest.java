package ninefold.host;

import static java.util.Map.entry;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests how the first step handles cloud-init: {@code templates/host/scripts/install.sh.ftl}, with
 * the real shell on a machine without systemd, at which it fails next.
 */
class CloudInitTest {
  private static final boolean EXISTING = true;
  private static final boolean OURS = false;
  private static final int LIMIT = 900;
  private static final String CONTINUED = "systemd is not process 1";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithItsFolders() throws IOException {
    Files.createDirectories(machine.resolve("run"));
    command("hostname", "echo machine1");
    command("timeout", "echo \"$1\" >>MACHINE/limits; exec /usr/bin/timeout \"$@\"");
  }

  @ParameterizedTest
  @CsvSource({"true, done, 0", "true, done, 2", "false, done, 0", "false, done, 2"})
  void successfulCloudInit_isNotMentioned(boolean existing, String status, int exit) {
    cloudInit(status, "exit " + exit);

    assertThat(install(existing, LIMIT)).contains(CONTINUED).doesNotContain("cloud-init");
  }

  /** The error may be old and unimportant. */
  @Test
  void errorOnAnExistingHost_isOnlyReported() {
    cloudInit("error", "exit 1");

    assertThat(install(EXISTING, LIMIT)).contains("cloud-init once ended with an error", CONTINUED);
    assertThat(install(OURS, LIMIT))
        .contains("machine1: cloud-init ended with an error")
        .doesNotContain(CONTINUED);
  }

  /** If cloud-init was installed after the last boot, waiting for it would never end. */
  @ParameterizedTest
  @ValueSource(strings = {"not started", "not run"})
  void cloudInitThatNeverRanOnAnExistingHost_isNotWaitedFor(String status) {
    cloudInit(status, "exec /bin/sleep 60");

    assertThat(install(EXISTING, LIMIT)).contains(CONTINUED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {EXISTING, OURS})
  void hangingCloudInit_isReported(boolean existing) {
    cloudInit("running", "exec /bin/sleep 60");

    assertThat(install(existing, 7))
        .contains("machine1: cloud-init is still at work after ", "  status: running\n")
        .contains("  detail: Running in stage: modules-final", "run 'pulumi up' again")
        .doesNotContain(CONTINUED);
  }

  @ParameterizedTest
  @CsvSource({"900, 120", "9000, 1200", "60, 55"})
  void cloudInitOfAnExistingHost_isWaitedForBriefly(int limit, int most) throws IOException {
    cloudInit("running", "exit 124");

    assertThat(install(EXISTING, limit)).contains("cloud-init is still at work");

    assertThat(Files.readAllLines(machine.resolve("limits")))
        .map(Integer::valueOf)
        .allMatch(seconds -> seconds <= most)
        .anyMatch(seconds -> seconds > most / 2);
  }

  /** With {@code --wait} it runs {@code waits}; otherwise it prints its status. */
  private void cloudInit(String status, String waits) {
    command(
        "cloud-init",
        "[[ $* != *--wait* ]] || %s\necho 'status: %s'\n".formatted(waits, status)
            + "[[ $* != *--long* ]] || echo 'detail: Running in stage: modules-final'");
  }

  private String install(boolean existing, int limit) {
    var script =
        Template.render(
                "host/scripts/install.sh.ftl",
                Map.ofEntries(
                    entry("name", "machine1"),
                    entry("address", "192.168.100.1"),
                    entry("clusterName", "trio"),
                    entry("memory", 512),
                    entry("limit", limit),
                    entry("lasting", existing),
                    entry("ports", Map.of()),
                    entry("units", List.of()),
                    entry("dataDirectories", List.of()),
                    entry("births", Map.of()),
                    entry("scripts", Map.of())))
            .replace("/run/", machine + "/run/");
    var ended =
        TestProcess.run(
            List.of("bash", "-s"),
            script,
            Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
    assertThat(ended.status()).isEqualTo(1);
    return ended.output();
  }

  /** Replaces a command of the machine. */
  private void command(String name, String text) {
    TestProcess.executable(
        machine.resolve("bin").resolve(name),
        "#!/bin/bash\n" + text.replace("MACHINE", machine.toString()) + "\n");
  }
}
