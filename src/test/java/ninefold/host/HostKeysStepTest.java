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

/** Tests {@code templates/host/scripts/host-keys.sh}: the host keys of sshd during a rotation. */
final class HostKeysStepTest {
  private static final String ED25519 = "ssh-ed25519 AAAAfirst";
  private static final String ECDSA = "ecdsa-sha2-nistp256 AAAAsecond";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private String owner;

  @BeforeEach
  void machineAfterItsFirstBoot() throws IOException {
    for (var folder : List.of("run", "state/applied", "etc/ssh/sshd_config.d")) {
      Files.createDirectories(machine.resolve(folder));
    }
    for (var script : List.of("lib.sh", "host-keys")) {
      TestProcess.script(machine, script, Template.script("host/" + script), "/etc/", "/usr/sbin/");
    }
    stand("bin/systemctl", "echo \"systemctl $*\" >>calls");
    stand("bin/ssh-keyscan", "cat shown");
    stand(
        "usr/sbin/sshd",
        "echo \"sshd $*\" >>calls; [[ ! -e broken ]] || { echo 'bad line 3'; exit 255; }");
    Files.writeString(file("shown"), "127.0.0.1 " + ED25519 + "\n127.0.0.1 " + ECDSA + "\n");
    Files.writeString(file("etc/ssh/ssh_host_ed25519_key"), "of the first boot");
    Files.writeString(settings(), "Port 22\nHostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\n");
    owner = TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output();
  }

  @Test
  void rotation_hasTwoKeys_thenOne() throws IOException {
    assertThat(step(List.of(ED25519, ECDSA), List.of("ed25519", "ecdsa")).status()).isZero();

    assertThat(key("ed25519")).hasContent("PRIVATE ed25519");
    assertThat(key("ecdsa")).hasContent("PRIVATE ecdsa");
    assertThat(file("etc/ssh/ssh_host_ed25519_key")).doesNotExist();
    assertThat(settings()).hasContent("Port 22\nUseDNS no\n");
    assertThat(file("calls")).content().contains("sshd -t", "try-reload-or-restart ssh");

    assertThat(step(List.of(ECDSA), List.of("ecdsa")).status()).isZero();

    assertThat(key("ed25519")).doesNotExist();
    assertThat(key("ecdsa")).exists();
  }

  @Test
  void unchanged_itDoesNothing() throws IOException {
    step(List.of(ECDSA), List.of("ecdsa"));
    Files.delete(file("calls"));

    assertThat(step(List.of(ECDSA), List.of("ecdsa")).output()).isEmpty();

    assertThat(file("calls")).doesNotExist();
  }

  /** The running sshd continues, and the next step starts again. */
  @Test
  void refusedConfiguration_isNotLoaded() throws IOException {
    Files.createFile(file("broken"));

    var ended = step(List.of(ED25519, ECDSA), List.of("ed25519", "ecdsa"));

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("sshd refuses its configuration", "bad line 3");
    assertThat(file("calls")).content().doesNotContain("reload");
    assertThat(file("etc/ssh/ssh_host_ed25519_key")).exists();

    Files.delete(file("broken"));
    assertThat(step(List.of(ED25519, ECDSA), List.of("ed25519", "ecdsa")).status()).isZero();
  }

  private TestProcess.Ended step(List<String> shown, List<String> types) {
    var bundle = new ArrayList<String>(List.of("port 22"));
    shown.forEach(key -> bundle.add("shows " + key));
    for (var type : types) {
      bundle.add("=== %s %s 0600\nPRIVATE %s".formatted(key(type), owner, type));
    }
    bundle.add("=== end\n");
    return TestProcess.run(
        List.of(machine.resolve("lib/host-keys").toString()),
        String.join("\n", bundle),
        Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
  }

  private void stand(String program, String script) {
    TestProcess.executable(file(program), "#!/bin/bash\ncd %s\n%s\n".formatted(machine, script));
  }

  private Path key(String type) {
    return file("etc/ssh/ninefold_host_" + type + "_key");
  }

  private Path settings() {
    return file("etc/ssh/sshd_config.d/10-ninefold.conf");
  }

  private Path file(String name) {
    return machine.resolve(name);
  }
}
