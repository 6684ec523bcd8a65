package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code templates/host/scripts/secrets.sh} with the real shell and the real openssl. */
class SecretsStepTest {
  private static final String IDENTITY = "/etc/ninefold/tls/patroni";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private String owner;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    for (var folder : List.of("run", "state/applied", "store", "keys")) {
      Files.createDirectories(machine.resolve(folder));
    }
    TestProcess.script(machine, "lib.sh", Template.script("host/lib.sh"), "/etc/");
    TestProcess.script(machine, "secrets", Template.script("host/secrets"), "/etc/");
    TestProcess.executable(machine.resolve("bin/hostname"), "#!/bin/sh\necho machine1\n");
    owner = TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output();
    authority("old");
    authority("company");
  }

  @Test
  void newCa_isAccepted_onceTrusted() throws IOException {
    assertThat(step("old", "old").status()).isZero();
    assertThat(step("company", "old", "company").status()).isOne();
    assertThat(step("old", "old", "company").status()).isZero();

    assertThat(step("company", "old", "company").status()).isZero();

    assertThat(machine.resolve(IDENTITY.substring(1) + "/node.crt"))
        .hasSameTextualContentAs(machine.resolve("keys/company.node.crt"));
  }

  /**
   * An earlier version used the cluster's CA for pgBackRest. Later changes of its own CA take three
   * runs.
   */
  @Test
  void pgBackRest_getsItsOwnCaInOneRun() {
    authority("Ninefold authority of trio for pgBackRest");
    authority("Ninefold authority of trio for pgBackRest, generation 2");
    var current = "Ninefold authority of trio for pgBackRest";
    var next = current + ", generation 2";
    for (var folder :
        List.of("/etc/ninefold/tls/pgbackrest", "/etc/ninefold/tls/pgbackrest-server")) {
      assertThat(stepIn(folder, "old", "old").status()).as(folder).isZero();

      assertThat(stepIn(folder, current, current).status()).as(folder).isZero();

      assertThat(machine.resolve(folder.substring(1) + "/node.crt"))
          .hasSameTextualContentAs(machine.resolve("keys/" + current + ".node.crt"));
      assertThat(stepIn(folder, next, next).output())
          .contains("signed by a CA that is not trusted yet");
      assertThat(stepIn(folder, "old", "old").status()).as(folder).isOne();
      assertThat(stepIn(folder, current, current, next).status()).as(folder).isZero();
      assertThat(stepIn(folder, next, next, current).status()).as(folder).isZero();
      assertThat(stepIn(folder, next, next).status()).as(folder).isZero();
    }
    assertThat(stepIn("/etc/ninefold/tls/postgresql", "old", "old").status()).isZero();
    assertThat(stepIn("/etc/ninefold/tls/postgresql", current, current).status()).isOne();
  }

  /** Services trust only the CAs in their own file. */
  @Test
  void machinesOwnTrustedCas_doNotCount() {
    assertThat(step("old", "old").status()).isZero();
    openssl("x509 -in company.crt -out ../store/$(openssl x509 -hash -noout -in company.crt).0");

    var ended = step("company", "company");

    assertThat(ended.output()).contains("signed by a CA that is not trusted yet");
    assertThat(ended.status()).isOne();
    assertThat(machine.resolve(IDENTITY.substring(1) + "/node.crt"))
        .hasSameTextualContentAs(machine.resolve("keys/old.node.crt"));
  }

  private void authority(String name) {
    var key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
    openssl(
        "req -x509 -days 9 %s -subj '/CN=%2$s' -keyout '%2$s.key' -out '%2$s.crt'"
            .formatted(key, name));
    openssl("req %s -subj /CN=node -keyout node.key -out node.csr".formatted(key));
    openssl(
        "x509 -req -days 9 -in node.csr -CA '%1$s.crt' -CAkey '%1$s.key' -CAcreateserial -out '%1$s.node.crt'"
            .formatted(name));
  }

  private void openssl(String arguments) {
    var ended =
        TestProcess.run(
            "bash", "-c", "cd '" + machine.resolve("keys") + "' && openssl " + arguments);
    assertThat(ended.status()).as(ended.output()).isZero();
  }

  /** Runs the step with a certificate that one CA has signed, and with the trusted CAs. */
  private TestProcess.Ended step(String signer, String... trusted) {
    return stepIn(IDENTITY, signer, trusted);
  }

  private TestProcess.Ended stepIn(String folder, String signer, String... trusted) {
    var files = new StringBuilder(file(folder + "/node.crt", read(signer + ".node.crt")));
    var authorities = new StringBuilder();
    for (var name : trusted) {
      authorities.append(read(name + ".crt"));
    }
    files.append(file(folder + "/ca.crt", authorities.toString()));
    return TestProcess.run(
        List.of(machine.resolve("lib/secrets").toString()),
        files + "=== end\n",
        Map.of(
            "PATH",
            machine.resolve("bin") + ":" + System.getenv("PATH"),
            "SSL_CERT_DIR",
            machine.resolve("store").toString()));
  }

  private String file(String path, String text) {
    return "=== %s%s %s 0644\n%s".formatted(machine, path, owner, text);
  }

  private String read(String name) {
    try {
      return Files.readString(machine.resolve("keys").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
