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
 * Errors in the description, on the machines and in packages. Each must be refused, or fail with a
 * message that names the machine, the step, the cause and the remedy. After the fix, {@code up}
 * must succeed. The suite starts with new machines.
 */
@Tag("bad-input")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class BadInputTest extends ChangeSuite {
  private static final String LOGINS =
      "journalctl --no-pager -o cat -u ssh -g 'Accepted publickey' | wc -l";

  /** The connect timeout is 10 s; the program and a busy workstation need the rest. */
  private static final Duration PREFLIGHT_LIMIT = Duration.ofSeconds(90);

  private static final String SHORT_TIMEOUTS =
      "\naccess: {connectTimeout: 10s, stepTimeout: 40s}\n";

  /**
   * Sets only the step timeout: the connect timeout is part of every step, so all steps would run
   * again.
   */
  private static String stepTimeout(int seconds) {
    return "\naccess: {stepTimeout: %ds}\n".formatted(seconds);
  }

  @BeforeAll
  static void freshMachines() {
    FreshMachines.create(LAB);
  }

  @Test
  @Order(1)
  void invalidDescription_reportsAllProblems_andReachesNoMachine() {
    var invalid =
        description(
            "invalid",
            text ->
                text.replace("address: 192.168.100.2,", "address: 192.168.100.1,")
                        .replace("roles: [repository]", "roles: [depot]")
                    + "\npooling: {poolsize: 3}\nbalancing: {readWritePort: 99999}\n");
    var logins = LAB.ssh("postgres1", LOGINS);

    var run = PulumiRun.up().describedBy(invalid).run().failed();

    assertThat(run.output())
        .contains("poolsize", "depot", "99999", "192.168.100.1")
        .doesNotContain("at ninefold.", "Exception", "SEVERE");
    assertThat(run.resources("created")).isLessThanOrEqualTo(1);
    assertThat(LAB.ssh("postgres1", LOGINS)).as("logins on postgres1").isEqualTo(logins);
  }

  /**
   * The user's own CA, below a root CA, is configured with the root's key. The test then sets the
   * right key, with which the later tests sign.
   */
  @Test
  @Order(2)
  void wrongCaKey_isReported_beforeAnyChange() {
    var ca = TestCa.make(file("authority"));
    configure("caCertificate", ca.certificates());
    configure("caKey", ca.rootKey(), "--secret");
    try {
      var run = PulumiRun.up().describedBy(withShortTimeouts("", "")).run().failed();
      assertThat(run.output()).contains("ninefold:caKey is not the key of ninefold:caCertificate");
      assertNoInternals(run);
      assertThat(LAB.ssh("postgres1", "ls -d /etc/ninefold /usr/local/lib/ninefold || true"))
          .as("on postgres1")
          .isEmpty();
    } finally {
      configure("caKey", ca.key(), "--secret");
    }
  }

  /** The preflight must report a port that another program uses, and a disk without space. */
  @Test
  @Order(3)
  void portInUse_andFullDisk_areReported_beforeAnyChange() {
    LAB.ssh("etcd2", "systemd-run -q --unit=squatter python3 -m http.server 2379");
    LAB.ssh("haproxy2", "mount -t tmpfs -o size=300m none /var");
    try {
      var first = PulumiRun.up().describedBy(withShortTimeouts("", "")).run().failed();
      // Pulumi runs the two steps in any order. The first run removes one cause, so the second
      // meets the other.
      if (first.output().contains("etcd2/scripts")) {
        LAB.ssh("etcd2", "systemctl stop squatter");
      } else {
        LAB.ssh("haproxy2", "umount -l /var");
      }
      var second = PulumiRun.up().describedBy(withShortTimeouts("", "")).run().failed();
      assertThat(first.output() + second.output())
          .contains("etcd2/scripts", "port 2379, which etcd needs, is in use", "python3")
          .contains("set a different port in the description")
          .contains("haproxy2/scripts", "MiB are free on /var", "make room");
      assertNoInternals(first);
      assertNoInternals(second);
    } finally {
      LAB.ssh("haproxy2", "umount -l /var || true");
      LAB.ssh("etcd2", "systemctl stop squatter || true");
    }
  }

  /** The key is not in authorized_keys: the message must name each machine. */
  @Test
  @Order(4)
  void wrongSshKey_isReported_withinTheTimeout() throws IOException, InterruptedException {
    var right = Files.readString(LabKey.OF_THE_LAB);
    LabKey.make(file("wrong-key")).useForTheStack();
    try {
      var run = PulumiRun.up().describedBy(withShortTimeouts("", "")).run().failed();
      assertThat(run.output())
          .contains("node etcd1 (192.168.100.4:22): user 'admin' cannot log in")
          .contains("node repository (192.168.100.9:22): user 'admin' cannot log in")
          .contains("authorized_keys", "nothing was touched");
      assertWithinTimeout(run);
      assertNoInternals(run);
    } finally {
      LabKey.useForTheStack(right);
    }
  }

  /** The pinned host key belongs to a different machine: the message must name only that node. */
  @Test
  @Order(5)
  void wrongHostKey_isReported_withinTheTimeout() {
    var other = hostKey("repository");
    var run =
        PulumiRun.up()
            .describedBy(
                withShortTimeouts(
                    "roles: [etcd]}", "roles: [etcd], hostKey: '%s'}".formatted(other)))
            .run()
            .failed();
    assertThat(run.output())
        .contains("node etcd1 (192.168.100.4:22): its host key is not the pinned one")
        .contains("was the machine reinstalled?", "nothing was touched")
        .doesNotContain("node etcd2");
    assertWithinTimeout(run);
    assertNoInternals(run);
  }

  @Test
  @Order(6)
  void unreachableMachine_isReported_withinTheTimeout() {
    LAB.powerOff("etcd3");
    try {
      var run = PulumiRun.up().describedBy(withShortTimeouts("", "")).run().failed();
      assertThat(run.output()).contains("etcd3").contains("192.168.100.8");
      assertWithinTimeout(run);
      assertNoInternals(run);
    } finally {
      LAB.powerOn("etcd3");
    }
  }

  /** The disk fills up while the step writes its files. */
  @Test
  @Order(7)
  void diskFullDuringAStep_isReported() {
    LAB.ssh("repository", "mkdir -p /etc/ninefold; mount -t tmpfs -o size=8k none /etc/ninefold");
    try {
      assertFailsAt(
          "repository",
          "secrets",
          withShortTimeouts("", ""),
          "No space left on device",
          "full: /etc/ninefold",
          "Make room");
    } finally {
      LAB.ssh("repository", "umount -l /etc/ninefold");
    }
  }

  @Test
  @Order(8)
  void missingPackageVersion_isReported() {
    assertFailsAt(
        "haproxy1",
        "packages",
        withShortTimeouts("packages:", "packages: {versions: {haproxy: 9.9.9-1}}"),
        "Version '9.9.9-1' for 'haproxy' was not found",
        "/var/log/ninefold-packages.log",
        "'packages' in the description");
  }

  /** The proxy for apt does not answer. It must not remain in the configuration of apt. */
  @Test
  @Order(9)
  void unreachableProxy_isReported() {
    assertFailsAt(
        "haproxy1",
        "packages",
        withShortTimeouts(
            "packages:", "packages: {proxy: 'http://127.0.0.1:9', versions: {haproxy: 9.9.9-1}}"),
        "127.0.0.1",
        "check the mirror, the proxy");
    assertThat(LAB.ssh("haproxy1", "grep -r 127.0.0.1:9 /etc/apt || true"))
        .as("the proxy must not affect other uses of apt")
        .isEmpty();
  }

  /**
   * The first successful run. No process may show a secret meanwhile, and the external CA must
   * sign.
   */
  @Test
  @Order(10)
  void up_succeedsAfterTheCausesAreFixed() {
    var sampler = ProcessSampler.start(LAB, NODES);
    try {
      assertNoInternals(timed("up after all fixes", PulumiRun.up().run().succeeded()));
      assertThat(sampler.linesWith(SecretSearch.ofStack(Map.of())).values())
          .as("secrets in the processes of a whole build")
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
        .as("the user's own CA signs")
        .contains("postgres1.pool", "CN=ours", "CN=root");
  }

  /**
   * PostgreSQL does not start with the setting. The rollout must stop at the first replica, and
   * clients must not notice.
   */
  @Test
  @Order(11)
  void refusedSetting_stopsAtMostOneReplica_andCanBeReverted() {
    var cluster = cluster();
    if (cluster.leader().equals("postgres1")) {
      // The step runs on postgres1 and can quote only the log of this machine.
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
              assertFailsAt(
                  "postgres1",
                  "configuration",
                  refused,
                  "every member is healthy",
                  "could not access file \"no_such_library\"");
              timed("up with the setting taken back", PulumiRun.up().run().succeeded());
            });
    report.requireGapWithin(Target.REPLICA_RESTARTS);
  }

  /** PgBouncer cannot start and the step fails. The reverted change must start it again. */
  @Test
  @Order(12)
  void serviceThatDoesNotStart_startsAfterTheChangeIsReverted() {
    cluster().awaitHealthy();
    var node = cluster().replicas().get(0);
    var pools = "grep default_pool_size /etc/pgbouncer/pgbouncer.ini";
    var before = LAB.ssh(node, pools);
    LAB.ssh(node, "chmod a-x /usr/sbin/pgbouncer; systemctl stop pgbouncer");
    try {
      assertFailsAt(
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

    timed("up with the change taken back", PulumiRun.up().run().succeeded());

    assertThat(LAB.ssh(node, pools)).isEqualTo(before);
    cluster().awaitHealthy();
  }

  /**
   * Ports and the namespace cannot change in an existing cluster. The nodes concerned must refuse
   * the change before any node has changed anything.
   */
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
  void immutableSetting_isRefused_beforeAnyChange(
      String changed, String machines, String service, String words) {
    var untouched = Footprint.of(LAB, NODES);

    var run =
        PulumiRun.up()
            .describedBy(description("reborn", text -> text + "\n" + changed + "\n"))
            .run()
            .failed();

    assertThat(run.output())
        .containsPattern(machines + "\\d/scripts")
        .contains(service + " was first installed with", words, "build a second cluster");
    assertNoInternals(run);
    assertThat(untouched.differences(Footprint.of(LAB, NODES))).isEmpty();
  }

  @Test
  @Order(14)
  void up_afterARefusal_restartsNothing() {
    var untouched = Footprint.of(LAB, NODES);
    timed("up after refusals", PulumiRun.up().run().succeeded());
    assertThat(untouched.differences(Footprint.of(LAB, NODES))).isEmpty();
  }

  /**
   * Requires that the run fails at this step, with these words and in terms that a user
   * understands.
   */
  private static void assertFailsAt(String node, String step, Path description, String... words) {
    var run =
        timed("up that fails at " + step, PulumiRun.up().describedBy(description).run()).failed();
    assertThat(run.output()).contains(node + "/" + step).contains(words);
    assertNoInternals(run);
  }

  /** Requires that the output contains no script, no stack trace and no secret. */
  private static void assertNoInternals(PulumiRun run) {
    assertThat(run.output())
        .doesNotContain("set -euo pipefail", "=== /etc/", "goroutine", "at com.");
    assertThat(SecretSearch.ofStack(Map.of()).in(run.output())).isEmpty();
  }

  private static void assertWithinTimeout(PulumiRun run) {
    assertThat(run.took()).as(run.output()).isLessThan(PREFLIGHT_LIMIT);
  }

  /** The description with short timeouts and one text replaced, or added if it is not there. */
  private static Path withShortTimeouts(String old, String replacement) {
    return description(
        "impatient",
        text -> {
          var all = text + SHORT_TIMEOUTS;
          if (old.isEmpty()) {
            return all;
          }
          var first = all.indexOf(old);
          return first < 0
              ? all + replacement + "\n"
              : all.substring(0, first) + replacement + all.substring(first + old.length());
        });
  }

  private static String hostKey(String node) {
    return LAB.ssh(node, "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub").strip();
  }

  private static LiveCluster cluster() {
    return new LiveCluster(LAB, StackOutputs.of(LAB));
  }
}
