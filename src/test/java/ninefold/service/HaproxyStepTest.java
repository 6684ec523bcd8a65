package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests when a balancer gets its new configuration: {@code templates/haproxy/scripts/haproxy.sh},
 * with the real shell and an openssl server in Patroni's place.
 */
class HaproxyStepTest {
  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private int port;
  private Process patroni;

  @BeforeEach
  void machineWithTheScript() throws IOException {
    for (var folder : List.of("run", "state/applied", "tls/haproxy", "etc")) {
      Files.createDirectories(machine.resolve(folder));
    }
    script("lib.sh", Template.script("host/lib.sh"));
    script("haproxy", Template.script("haproxy/haproxy"));
    // The step calls this for a reload.
    script("haproxy-reload", "#!/bin/sh\ntouch MACHINE/reloaded\n");
    script("haproxy-effective", "#!/bin/sh\n");
    script("packages", "#!/bin/sh\n");
    command("haproxy", "#!/bin/sh\n");
    command("curl", "#!/bin/sh\n");
    command("journalctl", "#!/bin/sh\n");
    command("hostname", "#!/bin/sh\necho haproxy1\n");
    command("systemctl", "#!/bin/sh\n[ \"$1\" != is-active ] || echo active\n");
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority"
            + " -keyout ca.key -out tls/haproxy/ca.crt");
    sign("balancer", "extendedKeyUsage=clientAuth");
    Files.writeString(
        machine.resolve("tls/haproxy/node.pem"),
        Files.readString(machine.resolve("balancer.crt"))
            + Files.readString(machine.resolve("balancer.key")));
    sign("node", "subjectAltName=DNS:postgres1,IP:127.0.0.1");
    sign("service", "subjectAltName=DNS:patroni.postgres1,DNS:postgres1,IP:127.0.0.1");
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
  }

  @AfterEach
  void patroniEnds() {
    if (patroni != null) {
      patroni.destroyForcibly();
    }
  }

  /** HAProxy would consider every server down, and close all sessions. */
  @Test
  void balancer_waitsUntilPatroniPresentsItsName() throws Exception {
    serve("node");

    var ended = step();

    assertThat(ended.status()).as(ended.output()).isEqualTo(1);
    assertThat(ended.output())
        .contains(
            "haproxy: every Patroni presents a certificate for its name: not so",
            "presents no certificate for patroni.postgres1",
            "hostname mismatch");
    assertThat(machine.resolve("reloaded")).doesNotExist();
    assertThat(machine.resolve("etc/haproxy.cfg")).doesNotExist();
  }

  @Test
  void balancer_isChanged_ifPatroniPresentsItsName() throws Exception {
    serve("service");

    var ended = step();

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(machine.resolve("reloaded")).exists();
  }

  /** A Patroni that is down presents no certificate, and must not delay the balancers. */
  @Test
  void balancer_doesNotWaitForAPatroniThatIsDown() throws IOException {
    var ended = step();

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(machine.resolve("reloaded")).exists();
  }

  private TestProcess.Ended step() {
    var bundle =
        "alive 7001\nports 5000 5001 7000\npatroni patroni.postgres1 127.0.0.1:%d\n=== %s/etc/haproxy.cfg %s 0644\nglobal\n=== end\n"
            .formatted(
                port,
                machine,
                TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output());
    // Otherwise the step would wait for ten minutes.
    var deadline = String.valueOf(System.currentTimeMillis() / 1000 + 2);
    return TestProcess.run(
        List.of(machine.resolve("haproxy").toString()),
        bundle,
        Map.of(
            "PATH",
            machine.resolve("bin") + ":" + System.getenv("PATH"),
            "NINEFOLD_DEADLINE",
            deadline));
  }

  /** Like Patroni, this server asks every client for a certificate. */
  private void serve(String certificate) throws Exception {
    patroni =
        new ProcessBuilder(
                "openssl",
                "s_server",
                "-accept",
                "127.0.0.1:" + port,
                "-cert",
                machine.resolve(certificate + ".crt").toString(),
                "-key",
                machine.resolve(certificate + ".key").toString(),
                "-CAfile",
                machine.resolve("tls/haproxy/ca.crt").toString(),
                "-Verify",
                "2",
                "-verify_return_error",
                "-naccept",
                "100")
            .redirectErrorStream(true)
            .redirectOutput(machine.resolve("patroni.log").toFile())
            .start();
    for (int i = 0;
        i < 100 && !Files.readString(machine.resolve("patroni.log")).contains("ACCEPT");
        i++) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private void sign(String name, String extension) throws IOException {
    Files.writeString(machine.resolve("extension"), extension + "\n");
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=%1$s -keyout %1$s.key -out %1$s.csr"
            .formatted(name));
    openssl(
        "x509 -req -in %1$s.csr -CA tls/haproxy/ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile extension -out %1$s.crt"
            .formatted(name));
  }

  private void openssl(String arguments) {
    var ended = TestProcess.run("bash", "-c", "cd '" + machine + "' && openssl " + arguments);
    assertThat(ended.status()).as(ended.output()).isZero();
  }

  private void script(String name, String text) throws IOException {
    executable(machine.resolve(name), text);
  }

  private void command(String name, String text) throws IOException {
    executable(Files.createDirectories(machine.resolve("bin")).resolve(name), text);
  }

  /** Writes an executable with its paths below the temporary folder. */
  private void executable(Path file, String text) throws IOException {
    Files.writeString(
        file,
        text.replace("MACHINE", machine.toString())
            .replace("/usr/local/lib/ninefold", machine.toString())
            .replace("/var/lib/ninefold", machine.resolve("state").toString())
            .replace("/etc/ninefold/tls", machine.resolve("tls").toString())
            .replace("/etc/haproxy/haproxy.cfg", machine.resolve("etc/haproxy.cfg").toString())
            .replace("/run/", machine.resolve("run") + "/"));
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
