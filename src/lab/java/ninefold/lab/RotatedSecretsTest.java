package ninefold.lab;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import ninefold.TestCa;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Rotates passwords, certificates and CAs while a client writes. The tests depend on their order;
 * the last one restores the lab's own description.
 */
@Tag("rotation")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RotatedSecretsTest extends ChangeSuite {
  /** The client's timeout for an answer. */
  private static final Duration CLIENT_TIMEOUT = Duration.ofSeconds(5);

  private static final TestCa EXTERNAL_CA = TestCa.make(file("own-authority"));

  /**
   * Kept until the last test, since a return to the first generation would change the passwords
   * again.
   */
  private static final String PASSWORDS = "\npasswords: {app: 2, patroni: 2, statistics: 2}\n";

  /**
   * A port with TLS: its node, the option with which openssl starts TLS there, and the
   * certificate's name. The name is a pattern, since a balancer forwards clients to any pool.
   */
  private record TlsPort(String node, int port, String protocol, String name) {
    /**
     * Returns whether the cluster's CA signs the certificate. The test replaces this CA with an
     * external one.
     */
    boolean isSignedByTheClusterCa() {
      return !name.endsWith(".etcd") && !name.endsWith(".pgbackrest");
    }
  }

  private static final List<TlsPort> PORTS =
      List.of(
          new TlsPort("postgres1", 5432, "-starttls postgres", "postgres1.postgresql"),
          new TlsPort("postgres2", 5432, "-starttls postgres", "postgres2.postgresql"),
          new TlsPort("postgres3", 5432, "-starttls postgres", "postgres3.postgresql"),
          new TlsPort("postgres1", 6432, "-starttls postgres", "postgres1.pool"),
          new TlsPort("postgres2", 6432, "-starttls postgres", "postgres2.pool"),
          new TlsPort("postgres3", 6432, "-starttls postgres", "postgres3.pool"),
          new TlsPort("postgres1", 8008, "", "postgres1.patroni"),
          new TlsPort("postgres2", 8008, "", "postgres2.patroni"),
          new TlsPort("postgres3", 8008, "", "postgres3.patroni"),
          new TlsPort("postgres1", 8432, "", "postgres1.pgbackrest"),
          new TlsPort("postgres2", 8432, "", "postgres2.pgbackrest"),
          new TlsPort("postgres3", 8432, "", "postgres3.pgbackrest"),
          new TlsPort("repository", 8432, "", "repository.pgbackrest"),
          new TlsPort("etcd1", 2379, "", "etcd1.etcd"),
          new TlsPort("etcd2", 2379, "", "etcd2.etcd"),
          new TlsPort("etcd3", 2379, "", "etcd3.etcd"),
          new TlsPort("etcd1", 2380, "", "etcd1.etcd"),
          new TlsPort("etcd2", 2380, "", "etcd2.etcd"),
          new TlsPort("etcd3", 2380, "", "etcd3.etcd"),
          new TlsPort("haproxy1", 5000, "-starttls postgres", "postgres[123].pool"),
          new TlsPort("haproxy2", 5000, "-starttls postgres", "postgres[123].pool"),
          new TlsPort("haproxy1", 5001, "-starttls postgres", "postgres[123].pool"),
          new TlsPort("haproxy2", 5001, "-starttls postgres", "postgres[123].pool"),
          new TlsPort("haproxy1", 7000, "", "haproxy1.statistics"),
          new TlsPort("haproxy2", 7000, "", "haproxy2.statistics"));

  /** A client's certificate, and a port that accepts it. */
  private record ClientCertificate(
      String from, String service, String to, int port, String protocol) {}

  private static final List<ClientCertificate> CLIENT_CERTIFICATES =
      List.of(
          new ClientCertificate("postgres2", "etcd-client", "etcd1", 2379, ""),
          new ClientCertificate("etcd2", "etcd", "etcd1", 2380, ""),
          new ClientCertificate("postgres2", "postgresql", "postgres1", 5432, "-starttls postgres"),
          new ClientCertificate("postgres2", "patroni", "postgres1", 8008, ""),
          new ClientCertificate("postgres2", "pgbackrest", "repository", 8432, ""));

  @BeforeEach
  void awaitHealthyCluster() {
    cluster().awaitHealthy();
  }

  /** Every port with TLS must present the certificate of its own service. */
  @Test
  @Order(1)
  void everyPort_servesItsCertificate() {
    assertThat(servedCertificates())
        .allSatisfy(
            (port, certificate) ->
                assertThat(certificate).containsPattern("subject=CN=" + port.name()));
  }

  /**
   * The old passwords must be refused at every endpoint, and each open session may fail at most
   * once.
   */
  @Test
  @Order(2)
  void newPassword_replacesTheOldOne_andSessionsContinue() {
    var old = StackOutputs.of(LAB);
    var changed = description("password", text -> text + PASSWORDS);

    var report =
        FaultSuite.during(
            cluster(),
            old,
            WritingClient.LOW_RATE,
            "new passwords",
            client -> {
              timed("up: new passwords", PulumiRun.up().describedBy(changed).run().succeeded());
              client.continueWith(StackOutputs.of(LAB));
            });

    report.requireGapWithin(Target.ETCD_RESTARTS);
    assertThat(report.log().errors().values().stream().mapToInt(Integer::intValue).sum())
        .as("at most one error per session: " + report.log().errors())
        .isLessThanOrEqualTo(WritingClient.CONNECTIONS);
    assertRefused(old, old.readWrite());
    for (var node : old.nodes("postgres")) {
      assertRefused(old, old.address(node) + ":6432");
    }
    assertAccepted(StackOutputs.of(LAB));
    for (var node : old.nodes("postgres")) {
      assertThat(patchConfig(old.address(node))).as("Patroni on " + node).contains("loop_wait");
    }
    assertThat(statisticsStatus(old.single("statisticsPassword"))).isEqualTo("401");
    assertThat(statisticsStatus(StackOutputs.of(LAB).single("statisticsPassword")))
        .isEqualTo("200");
  }

  /**
   * A different validity and new keys renew all certificates. The validity is so short that the
   * next run renews them again.
   */
  @Test
  @Order(3)
  void certificates_areRenewed_onChange_andBeforeExpiry() {
    var near =
        description(
            "certificates",
            text ->
                text + PASSWORDS + "\ncertificates: {keys: 2, validity: 2d, renewBefore: 2d}\n");
    var first = servedCertificates();
    applyWhileWriting("new keys and certificates", near);
    var second = servedCertificates();
    second.forEach(
        (port, certificate) ->
            assertThat(publicKey(certificate)).isNotEqualTo(publicKey(first.get(port))));

    applyWhileWriting("certificates near their expiry", near);

    servedCertificates()
        .forEach((port, certificate) -> assertThat(certificate).isNotEqualTo(second.get(port)));
  }

  /**
   * Rotates the CAs of etcd and pgBackRest to the next generation, and the cluster's CA to an
   * external one: trust the new CAs, sign with them, then stop trusting the old ones.
   */
  @Test
  @Order(4)
  void cas_areRotatedInThreeRuns() {
    var old = trustedCas();
    assertThat(
            PulumiRun.up()
                .describedBy(withCertificates("ca: 2, additionalTrustedCa: 1"))
                .run()
                .failed()
                .output())
        .contains("/secrets")
        .contains("would be signed by a CA that is not trusted yet; nothing was changed");
    for (var client : CLIENT_CERTIFICATES) {
      LAB.ssh(
          client.from(),
          "cp -rT /etc/ninefold/tls/%1$s /run/kept-%1$s".formatted(client.service()));
    }

    configure("additionalTrustedCas", EXTERNAL_CA.certificates());
    applyWhileWriting("trust the new CAs", withCertificates("additionalTrustedCa: 2"));
    assertThat(trustedCas()).startsWith(old).endsWith(EXTERNAL_CA.certificates().strip());
    configure("caCertificate", EXTERNAL_CA.certificates());
    configure("caKey", EXTERNAL_CA.key(), "--secret");
    unconfigure("additionalTrustedCas");
    applyWhileWriting("sign with the new CAs", withCertificates("ca: 2, additionalTrustedCa: 1"));
    assertThat(trustedCas()).contains(old);
    assertThat(servedCertificates())
        .allSatisfy(
            (port, certificate) ->
                assertThat(certificate)
                    .contains(port.isSignedByTheClusterCa() ? "issuer=CN=ours" : "generation 2"));
    applyWhileWriting("stop trusting the old CAs", withCertificates("ca: 2"));
    assertThat(trustedCas()).isEqualTo(EXTERNAL_CA.certificates().strip());
    CLIENT_CERTIFICATES.forEach(RotatedSecretsTest::assertClosedToOldCertificate);
  }

  /**
   * Requires that a port refuses the certificate of the CA that is no longer trusted, and accepts
   * the current one.
   */
  private static void assertClosedToOldCertificate(ClientCertificate client) {
    var to = StackOutputs.of(LAB).address(client.to()) + ":" + client.port();
    // A server that accepts the certificate waits for a request. Otherwise it sends a TLS alert and
    // closes the connection.
    var attempt =
        "timeout %s openssl s_client -ign_eof %s -connect %s -cert %s/node.crt -key %s/node.key"
            + " </dev/null 2>&1 | grep -a ' alert ' || true";
    var former = "/run/kept-" + client.service();
    var current = "/etc/ninefold/tls/" + client.service();
    assertThat(LAB.ssh(client.from(), attempt.formatted(10, client.protocol(), to, former, former)))
        .as("the old certificate at %s", to)
        .contains(" alert ");
    assertThat(
            LAB.ssh(client.from(), attempt.formatted(2, client.protocol(), to, current, current)))
        .as("the new certificate at %s", to)
        .isEmpty();
  }

  /** Rotates back to the first CAs. A replica loses its power during the run. */
  @Test
  @Order(5)
  void rotationBack_survivesAPowerCut() {
    applyWhileWriting(
        "trust the first CAs again", withCertificates("ca: 2, additionalTrustedCa: 1"));
    unconfigure("caCertificate");
    unconfigure("caKey");
    configure("additionalTrustedCas", EXTERNAL_CA.certificates());
    var report =
        applyWhileWriting(
            "sign with the first CAs, a power cut",
            Target.REPLICA_SILENT,
            RotatedSecretsTest::upWithAPowerCut,
            withCertificates("ca: 1, additionalTrustedCa: 2"));
    // If the replica was the synchronous one, commits wait for it, and sessions may time out
    // several times.
    var limit = WritingClient.CONNECTIONS * (1 + report.longestGap().dividedBy(CLIENT_TIMEOUT));
    assertThat(report.log().failed() + report.log().unknown())
        .as("errors of the writing client: " + report.log().errors())
        .isLessThanOrEqualTo((int) limit);
    assertThat(servedCertificates())
        .allSatisfy(
            (port, certificate) ->
                assertThat(certificate).doesNotContain("generation 2", "CN=ours"));
    unconfigure("additionalTrustedCas");
    timed("up", PulumiRun.up().run().succeeded());
    cluster().awaitHealthy();
    assertThat(PulumiRun.up().run().succeeded().resources("updated")).isZero();
  }

  /**
   * Runs {@code up} and restarts a replica by a power cut as soon as the first secrets are
   * delivered. If a step fails because of that, runs {@code up} again.
   */
  private static void upWithAPowerCut(Path changed) {
    var replica = cluster().replicas().get(0);
    var cut = new AtomicReference<CompletableFuture<Void>>();
    var run =
        PulumiRun.up()
            .describedBy(changed)
            .watchedBy(
                (line, process) -> {
                  if (cut.get() == null
                      && line.contains("/secrets ")
                      && line.contains(" updated")) {
                    cut.set(
                        CompletableFuture.runAsync(
                            () -> {
                              LAB.powerOff(replica);
                              LAB.powerOn(replica);
                            }));
                  }
                })
            .run();
    assertThat(cut.get()).as("the power was cut:\n" + run.output()).isNotNull();
    cut.get().join();
    if (run.exitCode() != 0) {
      assertThat(run.output()).contains(replica + "/");
      timed("up again", PulumiRun.up().describedBy(changed).run().succeeded());
    }
    cluster().awaitHealthy();
  }

  private static Path withCertificates(String what) {
    return description("authority", text -> text + PASSWORDS + "\ncertificates: {" + what + "}\n");
  }

  private static LiveCluster cluster() {
    return new LiveCluster(LAB, StackOutputs.of(LAB));
  }

  private static String trustedCas() {
    return StackOutputs.of(LAB).single("authorityCertificate").strip();
  }

  private static void applyWhileWriting(String what, Path changed) {
    var report =
        applyWhileWriting(
            what,
            Target.ETCD_RESTARTS,
            description ->
                timed("up: " + what, PulumiRun.up().describedBy(description).run().succeeded()),
            changed);
    assertThat(report.log().errors()).as("errors of the writing client: " + what).isEmpty();
  }

  private static WriteReport applyWhileWriting(
      String what, Target target, Consumer<Path> up, Path changed) {
    var outputs = StackOutputs.of(LAB);
    var report =
        FaultSuite.during(
            cluster(),
            outputs,
            WritingClient.LOW_RATE,
            what,
            client -> {
              up.accept(changed);
              client.continueWith(StackOutputs.of(LAB));
            });
    report.requireGapWithin(target);
    assertAccepted(StackOutputs.of(LAB));
    return report;
  }

  private static void assertRefused(StackOutputs outputs, String endpoint) {
    assertThatThrownBy(
            () ->
                DriverManager.getConnection(outputs.jdbcUrl(endpoint), outputs.jdbcProperties())
                    .close())
        .as("the old password at " + endpoint)
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("authentication failed");
  }

  private static void assertAccepted(StackOutputs outputs) {
    try (var connection =
            DriverManager.getConnection(
                outputs.jdbcUrl(outputs.readWrite()), outputs.jdbcProperties());
        var statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    } catch (SQLException e) {
      throw new AssertionError("a client with the current outputs cannot log in", e);
    }
  }

  /**
   * Returns the answer of a node's Patroni to an empty change, sent with the password of the REST
   * API.
   */
  private static String patchConfig(String address) {
    return LAB.ssh(
        "postgres1",
        "source /usr/local/lib/ninefold/patroni-api.sh; api PATCH "
            + address
            + ":8008 /config '{\"nothing\": null}'");
  }

  private static String statisticsStatus(String password) {
    return LAB.ssh(
        "haproxy1",
        "curl --silent --output /dev/null --write-out '%{http_code}' --insecure --config - "
            + "https://127.0.0.1:7000/ <<<'user = \"operator:"
            + password
            + "\"'");
  }

  private static String publicKey(String certificate) {
    return certificate.substring(certificate.indexOf("-----BEGIN PUBLIC KEY"));
  }

  /**
   * Returns the subject, issuer, serial number and public key of the certificate at each port, read
   * on its own machine.
   */
  private static Map<TlsPort, String> servedCertificates() {
    var outputs = StackOutputs.of(LAB);
    var shown =
        PORTS.stream()
            .collect(
                toMap(
                    port -> port,
                    port ->
                        LAB.ssh(
                            port.node(),
                            "timeout 10 openssl s_client "
                                + port.protocol()
                                + " -connect "
                                + outputs.address(port.node())
                                + ":"
                                + port.port()
                                + " </dev/null 2>/dev/null"
                                + " | openssl x509 -noout -subject -issuer -serial -pubkey"
                                + " -nameopt RFC2253 || true")));
    assertThat(shown)
        .allSatisfy((port, certificate) -> assertThat(certificate).contains("serial=", "KEY"));
    return shown;
  }
}
