package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import ninefold.CommandServer;
import ninefold.CommandServer.Reply;
import ninefold.Descriptions;
import ninefold.SshKey;
import ninefold.description.Cluster;
import ninefold.ssh.CommandOutcome;
import ninefold.ssh.HostKeys;
import ninefold.verdict.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Facts and operations over ssh, against a server on the loopback interface. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SshClusterConnectionTest {
  private static final SshKey KEY = SshKey.make();
  private static final String FACTS = "{\"node\": \"a\", \"cluster\": \"local\", \"time\": 1}";

  /** The time within which a machine that does not answer must be reported. */
  private static final Duration SOON = Duration.ofSeconds(10);

  @Test
  void facts_areCollectedFromEveryMachine() {
    try (var server = new CommandServer(KEY, it -> new Reply(0, FACTS, ""));
        var connection = connection(server)) {
      var observation = connection.observe();

      assertThat(observation.answers().keySet()).containsExactly("a", "b", "c", "d");
      assertThat(observation.answers().values()).allMatch(Answer.Received.class::isInstance);
      assertThat(server.commands())
          .hasSize(4)
          .containsOnly("sudo -n timeout --kill-after=1 7 /usr/local/lib/ninefold/facts");
    }
  }

  @Test
  void invalidAnswer_isReportedWithItsReason() {
    assertThat(silentReason(new Reply(127, "", "timeout: failed to run command")))
        .isEqualTo(
            "/usr/local/lib/ninefold/facts is not installed there: run pulumi up, which installs it");
    assertThat(silentReason(new Reply(124, "", ""))).contains("status 124");
    assertThat(silentReason(new Reply(1, "", "sudo: a password is required\n")))
        .contains("status 1: sudo: a password is required");
    assertThat(silentReason(new Reply(0, "half {", ""))).contains("cannot be read");
  }

  private static String silentReason(Reply reply) {
    try (var server = new CommandServer(KEY, it -> reply);
        var connection = connection(server)) {
      return ((Answer.Silent) connection.observe().answers().get("a")).reason();
    }
  }

  @Test
  void hangingMachine_isReportedSoon_withTheFactsOfTheOthers() {
    var first = new AtomicInteger();
    try (var server =
            new CommandServer(
                KEY, it -> first.getAndIncrement() == 0 ? Reply.NOTHING : new Reply(0, FACTS, ""));
        var connection = connection(server)) {
      var began = Instant.now();

      var answers = connection.observe().answers().values();

      assertThat(Duration.between(began, Instant.now())).isLessThan(SOON);
      assertThat(answers).filteredOn(Answer.Received.class::isInstance).hasSize(3);
      assertThat(answers)
          .filteredOn(Answer.Silent.class::isInstance)
          .singleElement()
          .satisfies(
              it -> assertThat(((Answer.Silent) it).reason()).contains("no answer in time to"));
    }
  }

  @Test
  void silentServer_isReportedSoon() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var server = new CommandServer(KEY, it -> new Reply(0, FACTS, ""))) {
      var cluster = cluster(silent.getLocalPort(), server.hostKey());
      try (var connection =
          new SshClusterConnection(
              new Stack(cluster, KEY.privateText(), HostKeys.of(cluster, Map.of())))) {
        var began = Instant.now();

        var answers = connection.observe().answers();

        assertThat(Duration.between(began, Instant.now())).isLessThan(SOON);
        assertThat(answers.get("b"))
            .isInstanceOfSatisfying(
                Answer.Silent.class, it -> assertThat(it.reason()).startsWith("127.0.0.1:"));
      }
    }
  }

  @Test
  void machineWithoutAHostKey_isReported_andNotContacted() {
    try (var server = new CommandServer(KEY, it -> new Reply(0, FACTS, ""))) {
      var cluster = cluster(server.port(), server.hostKey());
      var pinned = new LinkedHashMap<>(HostKeys.of(cluster, Map.of()));
      pinned.keySet().removeIf(node -> node.name().equals("c"));
      try (var connection =
          new SshClusterConnection(new Stack(cluster, KEY.privateText(), pinned))) {
        assertThat(connection.observe().answers().get("c"))
            .isInstanceOfSatisfying(
                Answer.Silent.class,
                it -> assertThat(it.reason()).contains("its host key is not known"));
        assertThat(server.commands()).hasSize(3);
      }
    }
  }

  @Test
  void operation_isAStep() {
    try (var server = new CommandServer(KEY, it -> new Reply(0, "done\n", ""));
        var connection = connection(server)) {
      var lines = new ArrayList<String>();

      var outcome = connection.operate("b", List.of("switchover", "a", "b"), lines::add);

      assertThat(outcome).isInstanceOf(CommandOutcome.Ended.class);
      assertThat(lines).containsExactly("done");
      assertThat(server.commands())
          .containsExactly("sudo -n /usr/local/lib/ninefold/step operate switchover a b");
    }
  }

  @Test
  void argumentsOfACopy_areQuoted() {
    try (var server = new CommandServer(KEY, it -> new Reply(0, "", ""));
        var connection = connection(server)) {
      connection.copy(
          "b", List.of("copy-from-backup", "plan", "--target=2030-01-31 02:15"), it -> {});

      assertThat(server.commands())
          .containsExactly(
              "sudo -n /usr/local/lib/ninefold/copy-from-backup 'plan' '--target=2030-01-31 02:15'");
    }
  }

  @Test
  void history_comesFromTheFirstNodeThatAnswers() {
    var asked = new AtomicInteger();
    Function<String, Reply> second =
        it -> asked.getAndIncrement() == 0 ? new Reply(1, "", "no") : new Reply(0, "[]", "");
    try (var server = new CommandServer(KEY, second);
        var connection = connection(server)) {
      assertThat(((CommandOutcome.Ended) connection.history()).output()).isEqualTo("[]\n");
      assertThat(server.commands()).hasSize(2);
    }
  }

  private static SshClusterConnection connection(CommandServer server) {
    var cluster = cluster(server.port(), server.hostKey());
    return new SshClusterConnection(
        new Stack(cluster, KEY.privateText(), HostKeys.of(cluster, Map.of())));
  }

  private static Cluster cluster(int port, String hostKey) {
    return Descriptions.cluster(
        """
        name: local
        network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
        access: {port: %1$d}
        machines: {kind: given}
        nodes:
          - {name: a, address: 10.0.0.1, sshAddress: 127.0.0.1, roles: [postgres, etcd, balancer], hostKey: %2$s}
          - {name: b, address: 10.0.0.2, sshAddress: 127.0.0.1, roles: [postgres, etcd, balancer], hostKey: %2$s}
          - {name: c, address: 10.0.0.3, sshAddress: 127.0.0.1, roles: [postgres, etcd], hostKey: %2$s}
          - {name: d, address: 10.0.0.4, sshAddress: 127.0.0.1, roles: [repository], hostKey: %2$s}
        """
            .formatted(port, hostKey));
  }
}
