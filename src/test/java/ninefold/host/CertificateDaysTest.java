package ninefold.host;

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

/**
 * Tests {@code templates/host/scripts/certificate-days.py}, which logs certificates that end soon.
 */
class CertificateDaysTest {
  private static final String MAKE =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days %d -subj /CN=%s"
          + " -keyout /dev/null -out %s/%s";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithTwoServices() throws IOException {
    for (var name : List.of("certificate-days", "facts_asking.py", "facts_certificates.py")) {
      TestProcess.executable(machine.resolve("lib").resolve(name), Template.script("host/" + name));
    }
    Files.createDirectories(machine.resolve("tls"));
    Files.createDirectories(machine.resolve("tls/etcd"));
    make(50, "etcd", "etcd/node.crt");
    make(3650, "authority", "etcd/ca.crt");
    make(700, "patroni", "node.crt");
    Files.copy(machine.resolve("tls/etcd/ca.crt"), machine.resolve("tls/ca.crt"));
    Files.writeString(
        machine.resolve("lib/facts.json"),
        """
        {"sections": {"certificates": {"files": [
          {"service": "etcd", "path": "%1$s/tls/etcd/node.crt", "port": 2379},
          {"service": "patroni", "path": "%1$s/tls/node.crt"}]}}}
        """
            .formatted(machine));
  }

  @Test
  void certificateThatEndsSoon_isLoggedAsAnError() {
    assertThat(within(60))
        .matches(
            "<3>%s/tls/etcd/node.crt: this certificate ends in (49|50) days; pulumi up renews it\n"
                .formatted(machine));
    assertThat(within(40)).isEmpty();
  }

  @Test
  void caThatEndsSoon_isLoggedOnce_withItsRemedy() {
    assertThat(within(3660).lines())
        .hasSize(3)
        .filteredOn(line -> line.contains("ca.crt"))
        .singleElement()
        .asString()
        .contains("the authority has to be exchanged: docs/operations/keys.md");
  }

  @Test
  void expiredAndMissingCertificates_areLogged_withTheOthers() throws IOException {
    Files.delete(machine.resolve("tls/etcd/node.crt"));
    Files.writeString(machine.resolve("lib/facts_certificates.py"), ended());

    assertThat(within(60).lines())
        .anyMatch(line -> line.matches("<3>.*/tls/etcd/node.crt: openssl: .+"))
        .anyMatch(line -> line.matches("<3>.*/tls/node.crt: this certificate has ended; .*"));
  }

  @Test
  void noFileIsLeftBehind() {
    within(60);

    assertThat(machine.resolve("lib/__pycache__")).doesNotExist();
  }

  /** Creates certificates with a clock that is two years behind. */
  private static String ended() {
    return Template.script("host/facts_certificates.py")
        .replace(
            "return ssl.cert_time_to_seconds(", "return -63072000 + ssl.cert_time_to_seconds(");
  }

  private String within(int days) {
    var ended =
        TestProcess.run(
            List.of(machine.resolve("lib/certificate-days").toString(), String.valueOf(days)),
            "",
            Map.of());
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private void make(int days, String name, String file) {
    var ended =
        TestProcess.run("bash", "-c", MAKE.formatted(days, name, machine.resolve("tls"), file));
    assertThat(ended.status()).as(ended.output()).isZero();
  }
}
