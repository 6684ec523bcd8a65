package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code templates/host/scripts/system.sh} with the real shell and fake commands. */
class SystemStepTest {
  private static final String TIMER = "/etc/systemd/system/ninefold-certificates.timer";

  private static final String SSH = "/etc/ssh/sshd_config.d/05-ninefold.conf";
  private static final String PASSWD =
      "root:x:0:0::/root:/bin/bash\nnobody:x:9:9::/:/usr/sbin/nologin\nadmin:x:1000:1000::/:/bin/bash\n";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private String owner;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    for (var folder : List.of("run", "state/applied", "etc/ssh/sshd_config.d")) {
      Files.createDirectories(machine.resolve(folder));
    }
    Files.createFile(calls());
    TestProcess.script(machine, "lib.sh", Template.script("host/lib.sh"), "/etc/");
    TestProcess.script(
        machine,
        "system",
        Template.script("host/system"),
        "/etc/",
        "/run/ninefold-trial",
        "/usr/sbin/");
    TestProcess.script(
        machine, "sshd-effective", Template.script("host/sshd-effective"), "/etc/", "/usr/sbin/");
    Files.writeString(machine.resolve("etc/passwd"), PASSWD);
    Files.writeString(
        machine.resolve("etc/ssh/sshd_config"),
        "Include " + machine + "/etc/ssh/sshd_config.d/*.conf\n");
    TestProcess.executable(machine.resolve("bin/ssh"), "#!/bin/sh\n");
    TestProcess.executable(machine.resolve("bin/hostname"), "#!/bin/sh\necho machine1\n");
    sshdSays("passwordauthentication no", "denyusers _apt", "denyusers postgres");
    for (var command : List.of("systemctl", "sysctl")) {
      TestProcess.executable(
          machine.resolve("bin").resolve(command),
          "#!/bin/bash\necho \"%s $*\" >>%s\n".formatted(command, calls()));
    }
    owner = TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output();
  }

  @Test
  void timer_isStartedOnce() throws IOException {
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

  /** Without them, the machine could not reach other networks. */
  @Test
  void machineWithRouterAdvertisements_keepsThem() throws IOException {
    var settings = machine.resolve("etc/sysctl.d/60-ninefold.conf");
    for (var routes : List.of("", "default via fe80::1 dev eth0 proto ra")) {
      TestProcess.executable(machine.resolve("bin/ip"), "#!/bin/sh\necho '" + routes + "'\n");
      var ended =
          run(
              "routers followed\n=== %s %s 0644\nnet.ipv6.conf.*.accept_ra = 0\nvm.swappiness = 1\n=== end\n"
                  .formatted(settings, owner));
      assertThat(ended.status()).as(ended.output()).isZero();
      assertThat(settings)
          .hasContent(
              (routes.isEmpty() ? "net.ipv6.conf.*.accept_ra = 0\n" : "") + "vm.swappiness = 1\n");
    }
  }

  @Test
  void timer_isRemovedWithTheStep() {
    step();

    step("remove");

    assertThat(calls())
        .content()
        .contains("disable --now --quiet --no-reload ninefold-certificates");
    assertThat(machine.resolve(TIMER.substring(1))).doesNotExist();
  }

  @Test
  void effectiveSettingsOfSshd_areCompared() {
    var ended = hardened();

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(calls()).content().contains("try-reload-or-restart ssh");
    assertThat(machine.resolve("sshd-calls"))
        .content()
        .contains("user=root,", "user=admin,")
        .doesNotContain("user=nobody");
  }

  /** A different file may come first, or apply to some users only. */
  @Test
  void conflictingSetting_isReportedWithItsFile_andTheOldSettingsStay() throws IOException {
    Files.writeString(
        machine.resolve("etc/ssh/sshd_config.d/01-company.conf"),
        "# ours\nPasswordAuthentication yes\n");
    sshdSays("passwordauthentication yes", "denyusers postgres");

    var ended = hardened();

    assertThat(ended.status()).isOne();
    assertThat(ended.output())
        .contains("machine1: system: sshd would not use all settings of " + machine + SSH + ";")
        .contains("passwordauthentication is 'yes', not 'no'; ")
        .contains("/01-company.conf, line 2: PasswordAuthentication yes")
        .contains("access.harden: false");
    assertThat(machine.resolve(SSH.substring(1))).doesNotExist();
    assertThat(calls()).content().doesNotContain("reload");
  }

  @Test
  void fileThatSshdDoesNotRead_isReported() throws IOException {
    Files.writeString(machine.resolve("etc/ssh/sshd_config"), "Port 22\n");
    sshdSays("passwordauthentication no", "denyusers nobody");

    assertThat(hardened().output())
        .contains("denyusers is 'nobody', not 'postgres'; ")
        .contains("/etc/ssh/sshd_config does not include " + machine + SSH);
  }

  private void sshdSays(String... lines) {
    TestProcess.executable(
        machine.resolve("usr/sbin/sshd"),
        "#!/bin/sh\necho \"$*\" >>%s/sshd-calls\ncat <<'END'\n%s\nEND\n"
            .formatted(machine, String.join("\n", lines)));
  }

  private TestProcess.Ended hardened() {
    return run(
        "administrator admin\n=== %s%s %s 0644\nDenyUsers postgres\n# a word\nPasswordAuthentication no\n=== end\n"
            .formatted(machine, SSH, owner));
  }

  private TestProcess.Ended run(String bundle) {
    return TestProcess.run(
        List.of(machine.resolve("lib/system").toString()),
        bundle,
        Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
  }

  private void step(String... arguments) {
    var command = new ArrayList<>(List.of(machine.resolve("lib/system").toString()));
    command.addAll(List.of(arguments));
    var ended =
        TestProcess.run(
            command,
            "administrator admin\n=== %s%s %s 0644\n[Timer]\n=== end\n"
                .formatted(machine, TIMER, owner),
            Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
    assertThat(ended.status()).as(ended.output()).isZero();
  }

  private Path calls() {
    return machine.resolve("calls");
  }
}
