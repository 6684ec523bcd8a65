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
import ninefold.CommandServer.Said;
import ninefold.Descriptions;
import ninefold.SshKey;
import ninefold.description.Cluster;
import ninefold.ssh.CommandOutcome;
import ninefold.ssh.HostKeys;
import ninefold.verdict.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Machines that tell facts, or do not, over loopback. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SshClusterConnectionTest {
  private static final SshKey KEY = SshKey.make();
  private static final String FACTS = "{\"node\": \"a\", \"cluster\": \"local\", \"time\": 1}";

  /** Within which a machine that is silent has to be named. */
  private static final Duration SOON = Duration.ofSeconds(10);

  @Test
  void everyMachineIsAskedForItsFacts() {
    try (var server = new CommandServer(KEY, it -> new Said(0, FACTS, ""));
        var site = site(server)) {
      var seen = site.look();

      assertThat(seen.answers().keySet()).containsExactly("a", "b", "c", "d");
      assertThat(seen.answers().values()).allMatch(Answer.Told.class::isInstance);
      assertThat(server.commands())
          .hasSize(4)
          .containsOnly("sudo -n timeout --kill-after=1 7 /usr/local/lib/ninefold/facts");
    }
  }

  @Test
  void aMachineWhoseAnswerIsNoneIsSilent_andTheReasonIsTold() {
    assertThat(silence(new Said(127, "", "timeout: failed to run command")))
        .isEqualTo("it has no /usr/local/lib/ninefold/facts: run pulumi up, which puts it there");
    assertThat(silence(new Said(124, "", ""))).contains("status 124");
    assertThat(silence(new Said(1, "", "sudo: a password is required\n")))
        .contains("status 1: sudo: a password is required");
    assertThat(silence(new Said(0, "half {", ""))).contains("cannot be read");
  }

  private static String silence(Said said) {
    try (var server = new CommandServer(KEY, it -> said);
        var site = site(server)) {
      return ((Answer.Silent) site.look().answers().get("a")).reason();
    }
  }

  @Test
  void aMachineWhoseFactsHangIsNamedSoon_andTheOthersAreRead() {
    var first = new AtomicInteger();
    try (var server =
            new CommandServer(
                KEY, it -> first.getAndIncrement() == 0 ? Said.NOTHING : new Said(0, FACTS, ""));
        var site = site(server)) {
      var began = Instant.now();

      var answers = site.look().answers().values();

      assertThat(Duration.between(began, Instant.now())).isLessThan(SOON);
      assertThat(answers).filteredOn(Answer.Told.class::isInstance).hasSize(3);
      assertThat(answers)
          .filteredOn(Answer.Silent.class::isInstance)
          .singleElement()
          .satisfies(
              it -> assertThat(((Answer.Silent) it).reason()).contains("no answer in time to"));
    }
  }

  @Test
  void aMachineThatSaysNothingIsNamedSoon() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var server = new CommandServer(KEY, it -> new Said(0, FACTS, ""))) {
      var cluster = cluster(silent.getLocalPort(), server.hostKey());
      try (var site =
          new SshClusterConnection(
              new Stack(cluster, KEY.privateText(), HostKeys.of(cluster, Map.of())))) {
        var began = Instant.now();

        var answers = site.look().answers();

        assertThat(Duration.between(began, Instant.now())).isLessThan(SOON);
        assertThat(answers.get("b"))
            .isInstanceOfSatisfying(
                Answer.Silent.class, it -> assertThat(it.reason()).startsWith("127.0.0.1:"));
      }
    }
  }

  @Test
  void aMachineWithoutAHostKeyIsNotAsked_andNamed() {
    try (var server = new CommandServer(KEY, it -> new Said(0, FACTS, ""))) {
      var cluster = cluster(server.port(), server.hostKey());
      var pinned = new LinkedHashMap<>(HostKeys.of(cluster, Map.of()));
      pinned.keySet().removeIf(node -> node.name().equals("c"));
      try (var site = new SshClusterConnection(new Stack(cluster, KEY.privateText(), pinned))) {
        assertThat(site.look().answers().get("c"))
            .isInstanceOfSatisfying(
                Answer.Silent.class,
                it -> assertThat(it.reason()).contains("its host key is not known"));
        assertThat(server.commands()).hasSize(3);
      }
    }
  }

  @Test
  void anOperationIsAStepOnItsMachine() {
    try (var server = new CommandServer(KEY, it -> new Said(0, "done\n", ""));
        var site = site(server)) {
      var lines = new ArrayList<String>();

      var outcome = site.operate("b", List.of("switchover", "a", "b"), lines::add);

      assertThat(outcome).isInstanceOf(CommandOutcome.Ended.class);
      assertThat(lines).containsExactly("done");
      assertThat(server.commands())
          .containsExactly("sudo -n /usr/local/lib/ninefold/step operate switchover a b");
    }
  }

  @Test
  void theHistoryComesFromTheFirstNodeThatTellsIt() {
    var asked = new AtomicInteger();
    Function<String, Said> second =
        it -> asked.getAndIncrement() == 0 ? new Said(1, "", "no") : new Said(0, "[]", "");
    try (var server = new CommandServer(KEY, second);
        var site = site(server)) {
      assertThat(((CommandOutcome.Ended) site.history()).output()).isEqualTo("[]\n");
      assertThat(server.commands()).hasSize(2);
    }
  }

  private static SshClusterConnection site(CommandServer server) {
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
