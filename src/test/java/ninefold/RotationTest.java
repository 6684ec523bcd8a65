package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the rotation of CAs and passwords. */
class RotationTest {
  @TempDir private Path folder;

  private Graph graph(String more) throws IOException {
    return graph(more, Map.of());
  }

  private Graph graph(String more, Map<String, String> settings) throws IOException {
    return Graph.of(
        Files.writeString(
            folder.resolve("cluster.yaml"),
            Files.readString(Descriptions.stack("containers")) + "\n" + more + "\n"),
        settings);
  }

  private static Object input(Graph graph, String name, String input) {
    return graph.resources().stream()
        .filter(resource -> resource.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no resource is named " + name))
        .inputs()
        .get(input);
  }

  private static String file(Graph graph, String step, String path) {
    return ReceivedBundle.of(graph.step(step).text("stdin")).files().stream()
        .filter(file -> file.path().equals(path))
        .findFirst()
        .orElseThrow(() -> new AssertionError(step + " has no " + path))
        .text();
  }

  @Test
  void additionalCa_isTrustedBeforeItSigns() throws IOException {
    var graph = graph("certificates: {additionalTrustedCa: 2}");

    assertThat(input(graph, "etcd1/etcd/peer/certificate", "caPrivateKeyPem"))
        .isEqualTo(FakeProviders.secret("etcd-authority/key") + "\n");
    for (var service :
        List.of("postgres1/patroni", "postgres2/pgbouncer", "postgres2/pool", "haproxy1/haproxy")) {
      var step = service.substring(0, service.indexOf('/')) + "/secrets";
      var path = "/etc/ninefold/tls/" + service.substring(service.indexOf('/') + 1) + "/ca.crt";
      assertThat(file(graph, step, path))
          .isEqualTo("certificate of the authority\ncertificate of the authority-2\n");
    }
    assertThat(file(graph, "etcd1/secrets", "/etc/ninefold/tls/etcd/ca.crt"))
        .isEqualTo("certificate of the etcd-authority\ncertificate of the etcd-authority-2\n");
    for (var file :
        List.of("postgres1/pgbackrest", "postgres1/pgbackrest-server", "repository/pgbackrest")) {
      var parts = file.split("/", -1);
      assertThat(file(graph, parts[0] + "/secrets", "/etc/ninefold/tls/" + parts[1] + "/ca.crt"))
          .isEqualTo(
              "certificate of the pgbackrest-authority\ncertificate of the pgbackrest-authority-2\n");
    }
  }

  /** The cluster's ID depends on the token; a new ID shows Patroni that the cluster is new. */
  @Test
  void raisedEtcdGeneration_changesTheClusterToken() throws IOException {
    assertThat(token("")).isEqualTo("containers");
    assertThat(token("etcd: {generation: 2}")).isEqualTo("containers-2");
  }

  private String token(String more) throws IOException {
    var name = "ETCD_INITIAL_CLUSTER_TOKEN=";
    return file(graph(more), "etcd1/etcd", "/etc/default/etcd")
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void newCaSigns_whileOldCaIsTrusted() throws IOException {
    var graph = graph("certificates: {ca: 2, additionalTrustedCa: 1}");

    assertThat(input(graph, "postgres1/postgresql/peer/certificate", "caPrivateKeyPem"))
        .isEqualTo(FakeProviders.secret("authority-2/key") + "\n");
    assertThat(graph.output("authorityCertificate"))
        .isEqualTo("certificate of the authority-2\ncertificate of the authority\n");
    // Patroni's REST API reads its trusted CAs again only from a new path.
    assertThat(file(graph, "postgres1/patroni", "/etc/ninefold/tls/patroni/callers-1-2.crt"))
        .isEqualTo("certificate of the authority-2\ncertificate of the authority\n");
  }

  @Test
  void onlyEtcdClientsHaveCertificatesOfEtcdsCa() throws IOException {
    assertThat(signedBy("etcd-authority"))
        .containsExactlyInAnyOrder(
            "etcd1/etcd/peer/certificate",
            "etcd2/etcd/peer/certificate",
            "etcd3/etcd/peer/certificate",
            "postgres1/etcd-client/client/certificate",
            "postgres2/etcd-client/client/certificate",
            "postgres3/etcd-client/client/certificate");
  }

  @Test
  void onlyPgBackRestHasCertificatesOfPgBackRestsCa() throws IOException {
    assertThat(signedBy("pgbackrest-authority"))
        .containsExactlyInAnyOrder(
            "postgres1/pgbackrest/peer/certificate",
            "postgres2/pgbackrest/peer/certificate",
            "postgres3/pgbackrest/peer/certificate",
            "repository/pgbackrest/peer/certificate");
  }

  /** Returns the names of the certificates that this CA has signed. */
  private List<String> signedBy(String authority) throws IOException {
    var key = FakeProviders.secret(authority + "/key") + "\n";
    return graph("").resources().stream()
        .filter(it -> it.type().equals("tls:index/locallySignedCert:LocallySignedCert"))
        .filter(it -> it.text("caPrivateKeyPem").equals(key))
        .map(Graph.Declared::name)
        .toList();
  }

  /** No other service trusts pgBackRest's CA, and pgBackRest trusts no other CA. */
  @Test
  void onlyPgBackRestTrustsItsCa() throws IOException {
    var trusted =
        graph("").steps().stream()
            .filter(step -> step.thing().equals("secrets"))
            .flatMap(step -> ReceivedBundle.of(step.text("stdin")).files().stream())
            .filter(file -> file.path().endsWith("/ca.crt"))
            .toList();

    assertThat(trusted).hasSizeGreaterThan(15);
    assertThat(trusted)
        .allSatisfy(
            file ->
                assertThat(file.text().equals("certificate of the pgbackrest-authority\n"))
                    .as(file.path())
                    .isEqualTo(file.path().contains("/tls/pgbackrest")));
  }

  @Test
  void afterRotation_oldCaIsGone() throws IOException {
    var graph = graph("certificates: {ca: 2}");

    assertThat(graph.output("authorityCertificate")).isEqualTo("certificate of the authority-2\n");
    assertThat(graph.resources()).extracting(Graph.Declared::name).doesNotContain("authority/key");
  }

  @Test
  void externalCa_replacesTheStacksCa_andBack() throws IOException {
    var external = TestCa.make(folder.resolve("external"));
    var trusted = Map.of("additionalTrustedCas", external.certificates());
    var signs = Map.of("caCertificate", external.certificates(), "caKey", external.key());

    assertThat(
            graph("certificates: {additionalTrustedCa: 2}", trusted).output("authorityCertificate"))
        .isEqualTo(
            "certificate of the authority\ncertificate of the authority-2\n"
                + external.certificates());
    var graph = graph("certificates: {ca: 2, additionalTrustedCa: 1}", signs);
    assertThat(graph.output("authorityCertificate"))
        .isEqualTo(external.certificates() + "certificate of the authority\n");
    assertThat(input(graph, "postgres1/postgresql/peer/certificate", "caPrivateKeyPem"))
        .isEqualTo(external.key());
    assertThat(input(graph, "etcd1/etcd/peer/certificate", "caPrivateKeyPem"))
        .isEqualTo(FakeProviders.secret("etcd-authority-2/key") + "\n");
    assertThat(input(graph, "repository/pgbackrest/peer/certificate", "caPrivateKeyPem"))
        .isEqualTo(FakeProviders.secret("pgbackrest-authority-2/key") + "\n");
    assertThat(graph.resources())
        .extracting(Graph.Declared::name)
        .doesNotContain("authority-2/key");
  }

  /** Patroni's REST API reads its trusted CAs again only from a new path. */
  @Test
  void restApiCaFile_isNamedAfterItsCas() throws IOException {
    var external = TestCa.make(folder.resolve("external")).certificates();
    var other = TestCa.make(folder.resolve("other")).certificates();
    var graphs =
        List.of(
            graph(""),
            graph("certificates: {additionalTrustedCa: 2}"),
            graph("", Map.of("additionalTrustedCas", external)),
            graph("", Map.of("additionalTrustedCas", other)),
            graph(
                "certificates: {additionalTrustedCa: 2}",
                Map.of("additionalTrustedCas", external)));

    var callers =
        graphs.stream()
            .map(
                graph ->
                    ReceivedBundle.of(graph.step("postgres1/patroni").text("stdin"))
                        .files()
                        .stream()
                        .map(ReceivedBundle.File::path)
                        .filter(path -> path.contains("callers-"))
                        .findFirst()
                        .orElseThrow())
            .toList();

    assertThat(callers).doesNotHaveDuplicates();
  }

  @Test
  void expiryOfCertificates_isAnOutput() throws IOException {
    assertThat(graph("").output("certificateEnds"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("authority", "2036-01-01T00:00:00Z")
        .containsEntry("pgbackrest-authority", "2036-01-01T00:00:00Z")
        .containsEntry("etcd1/etcd", "2028-01-01T00:00:00Z")
        .containsEntry("haproxy2/haproxy", "2028-01-01T00:00:00Z");
  }

  @Test
  void certificatesExpireWithTheirCa() throws IOException {
    var external = TestCa.make(folder.resolve("external"));
    var signs = Map.of("caCertificate", external.certificates(), "caKey", external.key());
    var ends =
        (Map<?, ?>)
            graph("certificates: {additionalTrustedCa: 2}", signs).output("certificateEnds");
    // The root expires one day before the intermediate.
    var soon = Instant.now().plus(Duration.ofDays(8));

    assertThat(Instant.parse(ends.get("authority").toString())).isBeforeOrEqualTo(soon);
    assertThat(
            graph("", Map.of("additionalTrustedCas", external.certificates()))
                .output("certificateEnds"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("authority/additionalTrustedCas", ends.get("authority"));
    assertThat(ends.get("haproxy2/haproxy")).isEqualTo(ends.get("authority"));
    assertThat(ends.get("authority/also-trusted")).isEqualTo("2036-01-01T00:00:00Z");
    assertThat(ends.get("etcd1/etcd")).isEqualTo("2028-01-01T00:00:00Z");
  }

  @Test
  void raisedGeneration_replacesItsPasswordOnly() throws IOException {
    var graph = graph("passwords: {app: 3}");

    assertThat(input(graph, "app/password", "keepers")).isEqualTo(Map.of("generation", "3"));
    assertThat(input(graph, "statistics/password", "keepers")).isNull();
  }

  @Test
  void allPasswords_areReplacedTogether_exceptThoseOfNoUser() throws IOException {
    var graph = graph("passwords: {app: 3, all: 2}");

    assertThat(input(graph, "app/password", "keepers")).isEqualTo(Map.of("generation", "4"));
    assertThat(input(graph, "statistics/password", "keepers")).isEqualTo(Map.of("generation", "2"));
    assertThat(input(graph, "patroni/password", "keepers")).isEqualTo(Map.of("generation", "2"));
    assertThat(input(graph, "backup/password", "keepers")).isNull();
    assertThat(input(graph, "probe/password", "keepers")).isNull();
  }

  @Test
  void onlyProbeAndPatroniClientsHavePasswords() throws IOException {
    var graph = graph("");

    assertThat(graph.resources())
        .filteredOn(resource -> resource.type().equals("random:index/password:Password"))
        .extracting(Graph.Declared::name)
        .containsExactlyInAnyOrder(
            "app/password",
            "hive/password",
            "probe/password",
            "statistics/password",
            "patroni/password",
            "backup/password");
  }
}
