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
 * Passwords, certificates and the authority are made anew while a client writes. The tests follow
 * each other; the last one ends with the lab's own description.
 */
@Tag("rotation")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RotatedSecretsTest extends ChangeSuite {
  /** A session's limit for an answer. */
  private static final Duration CLIENT_GIVES_UP = Duration.ofSeconds(5);

  private static final TestCa OWN = TestCa.make(file("own-authority"));

  /** Stays until the last test: a password that goes back is a new one too. */
  private static final String PASSWORDS = "\npasswords: {app: 2, patroni: 2, statistics: 2}\n";

  /**
   * A port that shows a certificate, what opens TLS there, and the name it is for: a pattern, since
   * a balancer passes clients on to one pool or another.
   */
  private record Served(String node, int port, String protocol, String name) {
    /** Whether the cluster's authority signs for it, which the users' own takes the place of. */
    boolean isClusters() {
      return !name.endsWith(".etcd") && !name.endsWith(".pgbackrest");
    }
  }

  private static final List<Served> PORTS =
      List.of(
          new Served("postgres1", 5432, "-starttls postgres", "postgres1.postgresql"),
          new Served("postgres2", 5432, "-starttls postgres", "postgres2.postgresql"),
          new Served("postgres3", 5432, "-starttls postgres", "postgres3.postgresql"),
          new Served("postgres1", 6432, "-starttls postgres", "postgres1.pool"),
          new Served("postgres2", 6432, "-starttls postgres", "postgres2.pool"),
          new Served("postgres3", 6432, "-starttls postgres", "postgres3.pool"),
          new Served("postgres1", 8008, "", "postgres1.patroni"),
          new Served("postgres2", 8008, "", "postgres2.patroni"),
          new Served("postgres3", 8008, "", "postgres3.patroni"),
          new Served("postgres1", 8432, "", "postgres1.pgbackrest"),
          new Served("postgres2", 8432, "", "postgres2.pgbackrest"),
          new Served("postgres3", 8432, "", "postgres3.pgbackrest"),
          new Served("repository", 8432, "", "repository.pgbackrest"),
          new Served("etcd1", 2379, "", "etcd1.etcd"),
          new Served("etcd2", 2379, "", "etcd2.etcd"),
          new Served("etcd3", 2379, "", "etcd3.etcd"),
          new Served("etcd1", 2380, "", "etcd1.etcd"),
          new Served("etcd2", 2380, "", "etcd2.etcd"),
          new Served("etcd3", 2380, "", "etcd3.etcd"),
          new Served("haproxy1", 5000, "-starttls postgres", "postgres[123].pool"),
          new Served("haproxy2", 5000, "-starttls postgres", "postgres[123].pool"),
          new Served("haproxy1", 5001, "-starttls postgres", "postgres[123].pool"),
          new Served("haproxy2", 5001, "-starttls postgres", "postgres[123].pool"),
          new Served("haproxy1", 7000, "", "haproxy1.statistics"),
          new Served("haproxy2", 7000, "", "haproxy2.statistics"));

  /** A port that a certificate opens, and whose. */
  private record Door(String from, String service, String to, int port, String protocol) {}

  private static final List<Door> DOORS =
      List.of(
          new Door("postgres2", "etcd-client", "etcd1", 2379, ""),
          new Door("etcd2", "etcd", "etcd1", 2380, ""),
          new Door("postgres2", "postgresql", "postgres1", 5432, "-starttls postgres"),
          new Door("postgres2", "patroni", "postgres1", 8008, ""),
          new Door("postgres2", "pgbackrest", "repository", 8432, ""));

  @BeforeEach
  void isHealthy() {
    cluster().awaitHealthy();
  }

  @Test
  @Order(1)
  void eachPortShowsTheCertificateThatIsMeant() {
    assertThat(shown())
        .allSatisfy((port, said) -> assertThat(said).containsPattern("subject=CN=" + port.name()));
  }

  @Test
  @Order(2)
  void anApplicationsPassword_newOneCounts_oldOneIsRefused_sessionsGoOn() {
    var old = StackOutputs.of(LAB);
    var changed = description("password", text -> text + PASSWORDS);

    var report =
        FaultSuite.during(
            cluster(),
            old,
            WritingClient.LOW_RATE,
            "new passwords",
            client -> {
              told("up: new passwords", PulumiRun.up().describedBy(changed).run().succeeded());
              client.continueWith(StackOutputs.of(LAB));
            });

    report.requireGapWithin(Target.ETCD_RESTARTS);
    assertThat(report.log().errors().values().stream().mapToInt(Integer::intValue).sum())
        .as("one reconnect at most for each session: " + report.log().errors())
        .isLessThanOrEqualTo(WritingClient.CONNECTIONS);
    refused(old, old.readWrite());
    for (var node : old.nodes("postgres")) {
      refused(old, old.address(node) + ":6432");
    }
    accepted(StackOutputs.of(LAB));
    for (var node : old.nodes("postgres")) {
      assertThat(startsARound(old.address(node))).as("Patroni on " + node).contains("loop_wait");
    }
    assertThat(statistics(old.single("statisticsPassword"))).isEqualTo("401");
    assertThat(statistics(StackOutputs.of(LAB).single("statisticsPassword"))).isEqualTo("200");
  }

  /**
   * Another term and other keys, which makes all anew; so short that the next run does it again.
   */
  @Test
  @Order(3)
  void certificates_areMadeAnew_whereTheyChange_andNearTheirEnd() {
    var near =
        description(
            "certificates",
            text ->
                text + PASSWORDS + "\ncertificates: {keys: 2, validity: 2d, renewBefore: 2d}\n");
    var first = shown();
    changing("new keys and certificates", near);
    var second = shown();
    second.forEach((port, said) -> assertThat(key(said)).isNotEqualTo(key(first.get(port))));

    changing("certificates near their end", near);

    shown().forEach((port, said) -> assertThat(said).isNotEqualTo(second.get(port)));
  }

  /** etcd's and pgBackRest's to the next generation, the cluster's to one of its users' own. */
  @Test
  @Order(4)
  void theAuthorities_areRotatedInThreeRuns() {
    var old = authority();
    assertThat(
            PulumiRun.up()
                .describedBy(certificates("ca: 2, additionalTrustedCa: 1"))
                .run()
                .failed()
                .said())
        .contains("/secrets")
        .contains("would be signed by a CA that is not trusted yet; nothing was changed");
    for (var door : DOORS) {
      LAB.ssh(
          door.from(), "cp -rT /etc/ninefold/tls/%1$s /run/kept-%1$s".formatted(door.service()));
    }

    configure("additionalTrustedCas", OWN.certificates());
    changing("further authorities are trusted", certificates("additionalTrustedCa: 2"));
    assertThat(authority()).startsWith(old).endsWith(OWN.certificates().strip());
    configure("caCertificate", OWN.certificates());
    configure("caKey", OWN.key(), "--secret");
    unconfigure("additionalTrustedCas");
    changing("the new authorities sign", certificates("ca: 2, additionalTrustedCa: 1"));
    assertThat(authority()).contains(old);
    assertThat(shown())
        .allSatisfy(
            (port, said) ->
                assertThat(said).contains(port.isClusters() ? "issuer=CN=ours" : "generation 2"));
    changing("the old authorities are trusted no more", certificates("ca: 2"));
    assertThat(authority()).isEqualTo(OWN.certificates().strip());
    DOORS.forEach(RotatedSecretsTest::isClosedToTheOld);
  }

  /** The certificate of the authority that is trusted no more, and then the one of today. */
  private static void isClosedToTheOld(Door door) {
    var to = StackOutputs.of(LAB).address(door.to()) + ":" + door.port();
    // Who is let in waits to be asked for something; who isn't is told, and cut off.
    var attempt =
        "timeout %s openssl s_client -ign_eof %s -connect %s -cert %s/node.crt -key %s/node.key"
            + " </dev/null 2>&1 | grep -a ' alert ' || true";
    var kept = "/run/kept-" + door.service();
    var own = "/etc/ninefold/tls/" + door.service();
    assertThat(LAB.ssh(door.from(), attempt.formatted(10, door.protocol(), to, kept, kept)))
        .as("the old certificate at %s", to)
        .contains(" alert ");
    assertThat(LAB.ssh(door.from(), attempt.formatted(2, door.protocol(), to, own, own)))
        .as("the new certificate at %s", to)
        .isEmpty();
  }

  @Test
  @Order(5)
  void backAgain_throughAMachinesPowerCut() {
    changing("the first ones again, trusted", certificates("ca: 2, additionalTrustedCa: 1"));
    unconfigure("caCertificate");
    unconfigure("caKey");
    configure("additionalTrustedCas", OWN.certificates());
    var report =
        changing(
            "the first ones sign, a power cut",
            Target.REPLICA_SILENT,
            RotatedSecretsTest::upWithAPowerCut,
            certificates("ca: 1, additionalTrustedCa: 2"));
    // If it was the synchronous one, commits wait for it, and sessions give up again and again.
    var limit = WritingClient.CONNECTIONS * (1 + report.longestGap().dividedBy(CLIENT_GIVES_UP));
    assertThat(report.log().failed() + report.log().unknown())
        .as("errors of the writing client: " + report.log().errors())
        .isLessThanOrEqualTo((int) limit);
    assertThat(shown())
        .allSatisfy((port, said) -> assertThat(said).doesNotContain("generation 2", "CN=ours"));
    unconfigure("additionalTrustedCas");
    told("up", PulumiRun.up().run().succeeded());
    cluster().awaitHealthy();
    assertThat(PulumiRun.up().run().succeeded().resources("updated")).isZero();
  }

  /**
   * A replica loses its power once secrets arrive, and comes back; where that fails a step, again.
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
    assertThat(cut.get()).as("the power was cut:\n" + run.said()).isNotNull();
    cut.get().join();
    if (run.exitCode() != 0) {
      assertThat(run.said()).contains(replica + "/");
      told("up again", PulumiRun.up().describedBy(changed).run().succeeded());
    }
    cluster().awaitHealthy();
  }

  private static Path certificates(String what) {
    return description("authority", text -> text + PASSWORDS + "\ncertificates: {" + what + "}\n");
  }

  private static LiveCluster cluster() {
    return new LiveCluster(LAB, StackOutputs.of(LAB));
  }

  private static String authority() {
    return StackOutputs.of(LAB).single("authorityCertificate").strip();
  }

  private static void changing(String what, Path changed) {
    var report =
        changing(
            what,
            Target.ETCD_RESTARTS,
            description ->
                told("up: " + what, PulumiRun.up().describedBy(description).run().succeeded()),
            changed);
    assertThat(report.log().errors()).as("errors of the writing client: " + what).isEmpty();
  }

  private static WriteReport changing(String what, Target target, Consumer<Path> up, Path changed) {
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
    accepted(StackOutputs.of(LAB));
    return report;
  }

  private static void refused(StackOutputs outputs, String endpoint) {
    assertThatThrownBy(
            () ->
                DriverManager.getConnection(outputs.jdbcUrl(endpoint), outputs.jdbcProperties())
                    .close())
        .as("the old password at " + endpoint)
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("authentication failed");
  }

  private static void accepted(StackOutputs outputs) {
    try (var connection =
            DriverManager.getConnection(
                outputs.jdbcUrl(outputs.readWrite()), outputs.jdbcProperties());
        var statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    } catch (SQLException e) {
      throw new AssertionError("a client that knows the new state of things gets in", e);
    }
  }

  /** What Patroni at that address answers to a change of nothing, by the password of its nodes. */
  private static String startsARound(String address) {
    return LAB.ssh(
        "postgres1",
        "source /usr/local/lib/ninefold/patroni-api.sh; api PATCH "
            + address
            + ":8008 /config '{\"nothing\": null}'");
  }

  private static String statistics(String password) {
    return LAB.ssh(
        "haproxy1",
        "curl --silent --output /dev/null --write-out '%{http_code}' --insecure --config - "
            + "https://127.0.0.1:7000/ <<<'user = \"operator:"
            + password
            + "\"'");
  }

  private static String key(String said) {
    return said.substring(said.indexOf("-----BEGIN PUBLIC KEY"));
  }

  /**
   * Issuer, subject, serial number and public key of the certificate at each port, asked on its
   * machine.
   */
  private static Map<Served, String> shown() {
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
    assertThat(shown).allSatisfy((port, said) -> assertThat(said).contains("serial=", "KEY"));
    return shown;
  }
}
