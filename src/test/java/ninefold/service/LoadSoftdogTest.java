package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ninefold.Descriptions;
import ninefold.Graph;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@code templates/patroni/scripts/load-softdog.sh}: softdog never comes before a hardware
 * watchdog.
 */
class LoadSoftdogTest {
  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithUdev() throws IOException {
    Files.createDirectories(machine.resolve("run"));
    Files.createDirectories(machine.resolve("dev"));
    Files.createFile(calls());
    script("lib.sh", "host/lib.sh");
    script("load-softdog", "patroni/load-softdog");
    command("systemctl", "");
    command("udevadm", "");
    command("modprobe", "touch %s".formatted(watchdog()));
  }

  @Test
  void hardwareWatchdog_remainsTheOnlyOne() throws IOException {
    Files.createFile(watchdog());

    assertThat(load()).isEmpty();
    assertThat(calls()).content().doesNotContain("modprobe");
  }

  @Test
  void hardwareWatchdogThatUdevIsAboutToFind_isWaitedFor() {
    command("udevadm", "touch %s".formatted(watchdog()));

    assertThat(load()).isEmpty();
    assertThat(calls()).content().contains("udevadm settle").doesNotContain("modprobe");
  }

  @Test
  void softdog_isLoaded_ifThereIsNoWatchdog() {
    assertThat(load()).isEmpty();
    assertThat(calls())
        .content()
        .containsSubsequence("udevadm settle", "modprobe softdog", "udevadm settle");
  }

  @Test
  void softdog_isLoaded_evenIfUdevDoesNotSettle() {
    command("udevadm", "exit 1");

    assertThat(load()).isEmpty();
    assertThat(calls()).content().contains("modprobe softdog");
  }

  /** A container has neither udev nor modules. */
  @Test
  void machineWithoutModules_reportsThatItHasNoWatchdog() {
    command("systemctl", "exit 3");
    command("modprobe", "exit 1");

    assertThat(load()).isEqualTo("this machine has no watchdog\n");
    assertThat(calls()).content().doesNotContain("udevadm");
  }

  /** At boot, the order of softdog and a hardware watchdog would be undefined. */
  @Test
  void softdog_isNotLoadedByModulesLoad() {
    assertThat(Graph.of(Descriptions.stack("containers")).steps())
        .noneMatch(step -> step.text("stdin").contains("=== /etc/modules-load.d/"))
        .filteredOn(step -> step.thing().equals("patroni"))
        .allMatch(
            step ->
                step.text("stdin").contains("=== /etc/systemd/system/ninefold-softdog.service"));
  }

  private String load() {
    var ended =
        TestProcess.run(
            List.of(machine.resolve("lib/load-softdog").toString()),
            "",
            Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private Path watchdog() {
    return machine.resolve("dev/watchdog");
  }

  private Path calls() {
    return machine.resolve("calls");
  }

  private void script(String name, String template) {
    TestProcess.script(machine, name, Template.script(template), "/dev/watchdog");
  }

  /** Replaces a command of the machine by one that records its calls. */
  private void command(String name, String text) {
    TestProcess.executable(
        machine.resolve("bin").resolve(name),
        "#!/bin/bash\necho \"%s $*\" >>%s\n%s\n".formatted(name, calls(), text));
  }
}
