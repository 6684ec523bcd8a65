package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import ninefold.TestCa;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What can't work is refused or fails with the machine, the step, the last words of what failed and
 * what to try; after it is mended, the same {@code up} goes through. Begins with machines made
 * anew.
 */
@Tag("bad-input")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class BadInputTest extends ChangeSuite {
  private static final String LOGINS =
      "journalctl --no-pager -o cat -u ssh -g 'Accepted publickey' | wc -l";

  /** With a limit of 10 s for a machine to answer; the program and a busy workstation take more. */
  private static final Duration SOON = Duration.ofSeconds(90);

  private static final String IMPATIENT = "\naccess: {connectTimeout: 10s, stepTimeout: 40s}\n";

  /** Without the limit for connections: it is part of every step, which would all run again. */
  private static String stepTimeout(int seconds) {
    return "\naccess: {stepTimeout: %ds}\n".formatted(seconds);
  }

  @BeforeAll
  static void freshMachines() {
    FreshMachines.create(LAB);
  }

  @Test
  @Order(1)
  void invalidDescription_tellsEveryProblem_reachesNoMachine() {
    var invalid =
        description(
            "invalid",
            text ->
                text.replace("address: 192.168.100.2,", "address: 192.168.100.1,")
                        .replace("roles: [repository]", "roles: [depot]")
                    + "\npooling: {poolsize: 3}\nbalancing: {readWritePort: 99999}\n");
    var logins = LAB.ssh("postgres1", LOGINS);

    var run = PulumiRun.up().describedBy(invalid).run().failed();

    assertThat(run.said())
        .contains("poolsize", "depot", "99999", "192.168.100.1")
        .doesNotContain("at ninefold.", "Exception", "SEVERE");
    assertThat(run.resources("created")).isLessThanOrEqualTo(1);
    assertThat(LAB.ssh("postgres1", LOGINS)).as("logins on postgres1").isEqualTo(logins);
  }

  /** An authority of the users' own, under a root. Once its key is the right one, it signs. */
  @Test
  @Order(2)
  void anAuthoritysWrongKey_isTold_beforeAnythingIsTouched() {
    var authority = TestCa.make(file("authority"));
    configure("caCertificate", authority.certificates());
    configure("caKey", authority.rootKey(), "--secret");
    try {
      var run = PulumiRun.up().describedBy(impatient("", "")).run().failed();
      assertThat(run.said()).contains("ninefold:caKey is not the key of ninefold:caCertificate");
      assertToTheUser(run);
      assertThat(LAB.ssh("postgres1", "ls -d /etc/ninefold /usr/local/lib/ninefold || true"))
          .as("on postgres1")
          .isEmpty();
    } finally {
      configure("caKey", authority.key(), "--secret");
    }
  }

  @Test
  @Order(3)
  void portInUse_andFullDisk_areTold_beforeTheirMachinesAreTouched() {
    LAB.ssh("etcd2", "systemd-run -q --unit=squatter python3 -m http.server 2379");
    LAB.ssh("haproxy2", "mount -t tmpfs -o size=300m none /var");
    try {
      var first = PulumiRun.up().describedBy(impatient("", "")).run().failed();
      // Which of the two Pulumi meets first, it doesn't say; the other one is still there then.
      if (first.said().contains("etcd2/scripts")) {
        LAB.ssh("etcd2", "systemctl stop squatter");
      } else {
        LAB.ssh("haproxy2", "umount -l /var");
      }
      var second = PulumiRun.up().describedBy(impatient("", "")).run().failed();
      assertThat(first.said() + second.said())
          .contains("etcd2/scripts", "port 2379, which etcd needs, is in use", "python3")
          .contains("set a different port in the description")
          .contains("haproxy2/scripts", "MiB are free on /var", "make room");
      assertToTheUser(first);
      assertToTheUser(second);
    } finally {
      LAB.ssh("haproxy2", "umount -l /var || true");
      LAB.ssh("etcd2", "systemctl stop squatter || true");
    }
  }

  @Test
  @Order(4)
  void wrongKey_isTold_withinTheLimit() throws IOException, InterruptedException {
    var right = Files.readString(LabKey.OF_THE_LAB);
    LabKey.make(file("wrong-key")).useForTheStack();
    try {
      var run = PulumiRun.up().describedBy(impatient("", "")).run().failed();
      assertThat(run.said())
          .contains("node etcd1 (192.168.100.4:22): user 'admin' is not let in")
          .contains("node repository (192.168.100.9:22): user 'admin' is not let in")
          .contains("authorized_keys", "nothing was touched");
      assertSoon(run);
      assertToTheUser(run);
    } finally {
      LabKey.useForTheStack(right);
    }
  }

  @Test
  @Order(5)
  void hostKeyOfAnotherMachine_isTold_withinTheLimit() {
    var other = hostKey("repository");
    var run =
        PulumiRun.up()
            .describedBy(
                impatient("roles: [etcd]}", "roles: [etcd], hostKey: '%s'}".formatted(other)))
            .run()
            .failed();
    assertThat(run.said())
        .contains("node etcd1 (192.168.100.4:22): its host key is not the pinned one")
        .contains("was the machine installed anew?", "nothing was touched")
        .doesNotContain("node etcd2");
    assertSoon(run);
    assertToTheUser(run);
  }

  @Test
  @Order(6)
  void silentMachine_isNamed_withinTheLimit() {
    LAB.powerOff("etcd3");
    try {
      var run = PulumiRun.up().describedBy(impatient("", "")).run().failed();
      assertThat(run.said()).contains("etcd3").contains("192.168.100.8");
      assertSoon(run);
      assertToTheUser(run);
    } finally {
      LAB.powerOn("etcd3");
    }
  }

  @Test
  @Order(7)
  void diskThatFillsUp_isTold_byTheStep() {
    LAB.ssh("repository", "mkdir -p /etc/ninefold; mount -t tmpfs -o size=8k none /etc/ninefold");
    try {
      failsOn(
          "repository",
          "secrets",
          impatient("", ""),
          "No space left on device",
          "full: /etc/ninefold",
          "Make room");
    } finally {
      LAB.ssh("repository", "umount -l /etc/ninefold");
    }
  }

  @Test
  @Order(8)
  void packageThatIsNotThere_isTold() {
    failsOn(
        "haproxy1",
        "packages",
        impatient("packages:", "packages: {versions: {haproxy: 9.9.9-1}}"),
        "Version '9.9.9-1' for 'haproxy' was not found",
        "/var/log/ninefold-packages.log",
        "'packages' in the description");
  }

  @Test
  @Order(9)
  void proxyThatDoesNotAnswer_isTold() {
    failsOn(
        "haproxy1",
        "packages",
        impatient(
            "packages:", "packages: {proxy: 'http://127.0.0.1:9', versions: {haproxy: 9.9.9-1}}"),
        "127.0.0.1",
        "check the mirror, the proxy");
    assertThat(LAB.ssh("haproxy1", "grep -r 127.0.0.1:9 /etc/apt || true"))
        .as("others use apt on this machine too")
        .isEmpty();
  }

  @Test
  @Order(10)
  void afterAllIsMended_upGoesThrough() {
    var sampler = ProcessSampler.start(LAB, NODES);
    try {
      assertToTheUser(told("up after all that", PulumiRun.up().run().succeeded()));
      assertThat(sampler.linesWith(SecretSearch.ofStack(Map.of())).values())
          .as("processes of a whole build")
          .containsOnly("0");
      assertThat(sampler.linesWithCanary().values()).doesNotContain("0");
    } finally {
      sampler.stop();
    }
    cluster().awaitHealthy();
    assertThat(
            LAB.ssh(
                "postgres1",
                "openssl s_client -starttls postgres -connect 127.0.0.1:6432 -showcerts </dev/null 2>&1"
                    + " | grep -E '^ [01] s:|i:'"))
        .as("the users' own authority signs")
        .contains("postgres1.pool", "CN=ours", "CN=root");
  }

  @Test
  @Order(11)
  void settingThatPostgresqlRefuses_keepsOneReplicaDownAtMost_andIsTakenBack() {
    var cluster = cluster();
    if (cluster.leader().equals("postgres1")) {
      // The step runs on postgres1, and can tell only this machine's log.
      cluster.switchover();
      cluster.awaitHealthy();
    }
    var refused =
        description(
            "refused",
            text ->
                text
                    + stepTimeout(60)
                    + "postgresql: {parameters: {shared_preload_libraries: no_such_library}}\n");
    var report =
        FaultSuite.during(
            cluster,
            StackOutputs.of(LAB),
            WritingClient.LOW_RATE,
            "a setting that PostgreSQL refuses",
            client -> {
              failsOn(
                  "postgres1",
                  "configuration",
                  refused,
                  "every member is healthy",
                  "could not access file \"no_such_library\"");
              told("up with the setting taken back", PulumiRun.up().run().succeeded());
            });
    report.requireGapWithin(Target.REPLICA_RESTARTS);
  }

  @Test
  @Order(12)
  void serviceThatDoesNotStart_andWhoseChangeIsTakenBack_isStartedAgain() {
    cluster().awaitHealthy();
    var node = cluster().replicas().get(0);
    var pools = "grep default_pool_size /etc/pgbouncer/pgbouncer.ini";
    var before = LAB.ssh(node, pools);
    LAB.ssh(node, "chmod a-x /usr/sbin/pgbouncer; systemctl stop pgbouncer");
    try {
      failsOn(
          node,
          "pgbouncer",
          description("failing", text -> text + stepTimeout(40) + "pooling: {poolSize: 33}\n"),
          "could not start pgbouncer",
          "Permission denied",
          "look at: journalctl -u pgbouncer");
    } finally {
      LAB.ssh(node, "chmod a+x /usr/sbin/pgbouncer");
    }
    assertThat(LAB.ssh(node, pools)).contains("33");

    told("up with the change taken back", PulumiRun.up().run().succeeded());

    assertThat(LAB.ssh(node, pools)).isEqualTo(before);
    cluster().awaitHealthy();
  }

  /** Those who know refuse it, and until they have, nobody else has changed anything. */
  @ParameterizedTest
  @Order(13)
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          postgresql: {port: 5433}            | postgres | patroni | ports 5433 and 8008
          postgresql: {namespace: /another/}  | postgres | patroni | namespace /another/
          etcd: {clientPort: 23790}           | etcd     | etcd    | ports 23790 and 2380
          """)
  void whatTheClusterWasBornWith_staysSo_andNothingIsTouched(
      String changed, String machines, String service, String words) {
    var untouched = Footprint.of(LAB, NODES);

    var run =
        PulumiRun.up()
            .describedBy(description("reborn", text -> text + "\n" + changed + "\n"))
            .run()
            .failed();

    assertThat(run.said())
        .containsPattern(machines + "\\d/scripts")
        .contains(service + " was first installed with", words, "build a second cluster");
    assertToTheUser(run);
    assertThat(untouched.differences(Footprint.of(LAB, NODES))).isEmpty();
  }

  @Test
  @Order(14)
  void afterARefusal_upHasNothingToRestart() {
    var untouched = Footprint.of(LAB, NODES);
    told("up after refusals", PulumiRun.up().run().succeeded());
    assertThat(untouched.differences(Footprint.of(LAB, NODES))).isEmpty();
  }

  /** The run fails there, says all this, and says it to a user. */
  private static void failsOn(String node, String step, Path description, String... words) {
    var run =
        told("up that fails at " + step, PulumiRun.up().describedBy(description).run()).failed();
    assertThat(run.said()).contains(node + "/" + step).contains(words);
    assertToTheUser(run);
  }

  /** No whole script, and no secret, stands among the messages. */
  private static void assertToTheUser(PulumiRun run) {
    assertThat(run.said()).doesNotContain("set -euo pipefail", "=== /etc/", "goroutine", "at com.");
    assertThat(SecretSearch.ofStack(Map.of()).in(run.said())).isEmpty();
  }

  private static void assertSoon(PulumiRun run) {
    assertThat(run.took()).as(run.said()).isLessThan(SOON);
  }

  /** The description with little patience, and one thing in it replaced or added. */
  private static Path impatient(String found, String replaced) {
    return description(
        "impatient",
        text -> {
          var all = text + IMPATIENT;
          if (found.isEmpty()) {
            return all;
          }
          var first = all.indexOf(found);
          return first < 0
              ? all + replaced + "\n"
              : all.substring(0, first) + replaced + all.substring(first + found.length());
        });
  }

  private static String hostKey(String node) {
    return LAB.ssh(node, "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub").strip();
  }

  private static LiveCluster cluster() {
    return new LiveCluster(LAB, StackOutputs.of(LAB));
  }
}
