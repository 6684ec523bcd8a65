package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ninefold.Program;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How packages come onto a machine: {@code templates/host/packages}, run by the real shell. */
class PackagesStepTest {
  /** Stands for the root of a machine. */
  @TempDir private Path machine;

  private String owner;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    for (var folder : List.of("run", "state/applied", "usr/sbin", "var/log", "etc/apt")) {
      Files.createDirectories(machine.resolve(folder));
    }
    script("lib.sh", Template.text("host/lib.sh"));
    script("packages", Template.text("host/packages"));
    command("apt-get", "echo \"$NEEDRESTART_SUSPEND $*\" >>MACHINE/apt");
    command("dpkg", "");
    command("dpkg-query", "exit 1");
    command("systemctl", "");
    command("hostname", "echo machine1");
    owner = Program.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").said();
  }

  @Test
  void whatIsMissingIsInstalled_andNeedrestartRestartsNothing() throws IOException {
    var ended = step("patroni\njq\n", "");

    assertThat(ended.status()).as(ended.said()).isZero();
    assertThat(Files.readAllLines(machine.resolve("apt")))
        .allMatch(call -> call.startsWith("1 "))
        .anyMatch(call -> call.endsWith(" patroni jq"));
  }

  private Program.Ended step(String packages, String files) {
    return Program.run(
        List.of(machine.resolve("lib/packages").toString()),
        "=== %1$s/state/packages %2$s 0644\n%3$s=== %1$s/state/users %2$s 0644\n%4$s=== end\n"
            .formatted(machine, owner, packages, files.formatted(machine, owner)),
        Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
  }

  /** A script with its places on this machine instead. */
  private void script(String name, String text) {
    Program.script(machine, name, text, "/usr/sbin/", "/var/log/", "/etc/");
  }

  /** A command of the machine that is another here. */
  private void command(String name, String text) {
    Program.executable(
        machine.resolve("bin").resolve(name),
        "#!/bin/bash\n" + text.replace("MACHINE", machine.toString()) + "\n");
  }
}
