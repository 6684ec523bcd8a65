package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import ninefold.TestProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An {@code up} without a change must change nothing, neither in Pulumi nor on the machines, even
 * if steps run again.
 */
@Tag("unchanged")
final class UnchangedUpTest extends ChangeSuite {
  /** A machine that is not of the cluster. */
  private static final String JUMP_HOST = "outsider";

  private static final String JUMP_ADDRESS = "192.168.100.66";

  /** Changes the setting for root logins in the lab's own configuration of sshd. */
  private static final String ROOT_LOGIN =
      "sed -i 's/^PermitRootLogin %s$/PermitRootLogin %s/' /etc/ssh/sshd_config.d/lab.conf;"
          + " systemctl reload ssh";

  private final LiveCluster cluster = new LiveCluster(LAB, StackOutputs.of(LAB));

  @BeforeEach
  void awaitHealthyCluster() {
    cluster.awaitHealthy();
  }

  @Test
  void unchangedUp_changesNoResource() {
    var before = Footprint.of(LAB, NODES);

    var run = timed("unchanged up", PulumiRun.up().run().succeeded());

    assertThat(
            List.of(run.resources("created"), run.resources("updated"), run.resources("deleted")))
        .as(run.output())
        .containsOnly(0);
    assertThat(before.differences(Footprint.of(LAB, NODES))).isEmpty();
  }

  /**
   * Runs systemd's check on every unit of the cluster, and Patroni's check on its configuration.
   */
  @Test
  void configurationFiles_passTheServicesChecks() {
    var units =
        "cd /etc/systemd/system; for file in *.service.d/ninefold.conf pgb*.service pgb*.timer"
            + " ninefold-certificates.* ninefold-softdog.service; do"
            + " [[ ! -e $file ]] || systemd-analyze verify --man=no \"${file%.d/*}\" 2>&1; done";
    for (var node : NODES) {
      assertThat(LAB.ssh(node, units)).as("systemd-analyze verify on " + node).isEmpty();
    }
    for (var node : cluster.databases()) {
      var check =
          "cd /tmp; runuser -u postgres -- patroni --validate-config --ignore-listen-port %s 2>&1"
              + " || echo refused";
      assertThat(LAB.ssh(node, check.formatted("/etc/patroni/config.d"))).as(node).isEmpty();
      assertThat(LAB.ssh(node, check.formatted("/dev/null"))).contains("refused");
    }
  }

  /**
   * A new key or a jump host runs every step again. None of them may change or restart anything.
   */
  @Test
  void newSshKeyAndJumpHost_restartAndChangeNothing() throws IOException, InterruptedException {
    var old = Files.readString(LabKey.OF_THE_LAB);
    var key = LabKey.make(file("new-key"));
    LAB.powerOn(JUMP_HOST);
    allow(key);
    var before = Footprint.of(LAB, NODES);
    assertThat(before.ofKind("process").entries()).hasSizeGreaterThan(NODES.size());
    assertThat(before.ofKind("content").entries()).hasSizeGreaterThan(NODES.size() * 100);
    try {
      key.useForTheStack();
      var run =
          timed(
              "up after a new ssh key, through a jump host",
              PulumiRun.up().describedBy(throughTheJumpHost()).run().succeeded());

      assertThat(run.resources("updated"))
          .as(run.output())
          .isGreaterThanOrEqualTo(NODES.size() * 4);
      assertThat(run.resources("created") + run.resources("deleted")).as(run.output()).isZero();
      for (var node : NODES) {
        assertThat(LAB.ssh(node, "journalctl --no-pager -o cat -u ssh -g 'Accepted publickey'"))
            .as("logins on " + node)
            .containsPattern(
                "from %s port .*%s".formatted(JUMP_ADDRESS, Pattern.quote(key.fingerprint())));
      }
      assertThat(before.differences(Footprint.of(LAB, NODES))).isEmpty();
    } finally {
      LabKey.useForTheStack(old);
      LAB.powerOff(JUMP_HOST);
    }
    timed("up with the old key again", PulumiRun.up().run().succeeded());
    assertThat(before.differences(Footprint.of(LAB, NODES))).isEmpty();
  }

  /** A clean clone has no jar yet. */
  @Test
  void missingJar_isBuiltFirst() throws IOException {
    var jar = Path.of("target", "ninefold.jar");
    var aside = Files.move(jar, Path.of("target", "ninefold.jar.aside"));
    try {
      var ended =
          TestProcess.run(
              List.of(
                  "bash",
                  "-c",
                  // The lab's own command would build the jar again.
                  """
                  . toolchain/env
                  lab=$PWD/.build/labs/containers
                  export PULUMI_BACKEND_URL="file://$lab/state?metadata=skip" PULUMI_STACK=containers
                  export PULUMI_CONFIG_PASSPHRASE_FILE=$lab/passphrase
                  exec pulumi up --yes --skip-preview --color never \
                    --config-file "$lab/stack/Pulumi.containers.yaml"
                  """),
              "",
              Map.of(),
              Duration.ofMinutes(8));

      assertThat(ended.status()).as(ended.output()).isZero();
      assertThat(ended.output()).containsPattern("Resources:\n *\\d+ unchanged\n\nDuration");
      assertThat(jar).exists();
    } finally {
      Files.move(aside, jar, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The administrator may be root if sshd allows root logins. */
  @Test
  void rootAsAdministrator_restartsNoService() {
    var before = Footprint.of(LAB, NODES).ofKind("process");
    onAll("install -d -m 700 ~root/.ssh; cp ~admin/.ssh/authorized_keys ~root/.ssh/");
    onAll(ROOT_LOGIN.formatted("no", "prohibit-password"));
    try {
      var open = description("own-sshd", text -> text + "\naccess: {harden: false}\n");
      timed("up: sshd as machines have it", PulumiRun.up().describedBy(open).run().succeeded());
      var root = description("root", text -> text + "\naccess: {user: root}\n");
      var run = timed("up as root", PulumiRun.up().describedBy(root).run().succeeded());

      assertThat(run.resources("updated"))
          .as(run.output())
          .isGreaterThanOrEqualTo(NODES.size() * 4);
    } finally {
      timed("up as admin again", PulumiRun.up().run().succeeded());
      onAll(ROOT_LOGIN.formatted("prohibit-password", "no"));
      onAll("rm ~root/.ssh/authorized_keys");
    }
    assertThat(before.differences(Footprint.of(LAB, NODES).ofKind("process"))).isEmpty();
  }

  private static Path throughTheJumpHost() {
    var hostKey = LAB.ssh(JUMP_HOST, "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub");
    return description(
        "jump",
        text ->
            text
                + "\naccess: {jump: {address: %s, user: admin, hostKey: %s}}\n"
                    .formatted(JUMP_ADDRESS, hostKey));
  }

  private static void allow(LabKey key) {
    var command = "echo '%s' >>~admin/.ssh/authorized_keys".formatted(key.publicKey());
    onAll(command);
    LAB.ssh(JUMP_HOST, command);
  }

  private static void onAll(String command) {
    var done =
        NODES.stream()
            .map(node -> CompletableFuture.runAsync(() -> LAB.ssh(node, command)))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(done).join();
  }
}
