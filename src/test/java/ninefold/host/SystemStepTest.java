package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.Program;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code templates/host/system}, run by the real shell with stand-ins for the machine's commands.
 */
class SystemStepTest {
  private static final String TIMER = "/etc/systemd/system/ninefold-certificates.timer";

  /** Stands for the root of a machine. */
  @TempDir private Path machine;

  private String owner;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    for (var folder : List.of("run", "state/applied")) {
      Files.createDirectories(machine.resolve(folder));
    }
    Files.createFile(calls());
    Program.script(machine, "lib.sh", Template.text("host/lib.sh"), "/etc/");
    Program.script(machine, "system", Template.text("host/system"), "/etc/");
    for (var command : List.of("systemctl", "sysctl")) {
      Program.executable(
          machine.resolve("bin").resolve(command),
          "#!/bin/bash\necho \"%s $*\" >>%s\n".formatted(command, calls()));
    }
    owner = Program.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").said();
  }

  @Test
  void theTimerStarts_andIsLeftAloneFromThenOn() throws IOException {
    step();
    assertThat(calls())
        .content()
        .contains(
            "--no-reload enable ninefold-certificates.timer",
            "restart ninefold-certificates.timer");

    Files.writeString(calls(), "");
    step();
    assertThat(calls()).content().isEmpty();
  }

  @Test
  void theTimerGoesWithTheStep() {
    step();

    step("remove");

    assertThat(calls())
        .content()
        .contains("disable --now --quiet --no-reload ninefold-certificates");
    assertThat(machine.resolve(TIMER.substring(1))).doesNotExist();
  }

  private void step(String... arguments) {
    var command = new ArrayList<>(List.of(machine.resolve("lib/system").toString()));
    command.addAll(List.of(arguments));
    var ended =
        Program.run(
            command,
            "administrator admin\n=== %s%s %s 0644\n[Timer]\n=== end\n"
                .formatted(machine, TIMER, owner),
            Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
    assertThat(ended.status()).as(ended.said()).isZero();
  }

  private Path calls() {
    return machine.resolve("calls");
  }
}
