package ninefold.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import ninefold.CommandServer;
import ninefold.CommandServer.Reply;
import ninefold.SshKey;
import ninefold.description.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands on machines, over loopback. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RemoteMachinesTest {
  private static final SshKey KEY = SshKey.make();
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration ENOUGH = Duration.ofSeconds(50);

  @Test
  void command_runsAsRootOnEveryMachine() {
    try (var server = new CommandServer(KEY, command -> new Reply(7, "out\nput\n", "wrong\n"));
        var machines = machines(access("admin", server), server.hostKey())) {
      var outcomes = machines.run("facts", ENOUGH);

      assertThat(outcomes.keySet()).containsExactly("a", "b", "c", "d");
      assertThat(outcomes.values())
          .allSatisfy(
              outcome -> {
                var ended = (CommandOutcome.Ended) outcome;
                assertThat(ended.status()).isEqualTo(7);
                assertThat(ended.output()).isEqualTo("out\nput\n");
                assertThat(ended.errors()).isEqualTo("wrong\n");
                assertThat(ended.began()).isBeforeOrEqualTo(ended.ended());
              });
      assertThat(server.commands()).hasSize(4).containsOnly("sudo -n facts");
    }
  }

  @Test
  void root_needsNoSudo() {
    try (var server = new CommandServer(KEY, command -> new Reply(0, "", ""));
        var machines = machines(access("root", server), server.hostKey())) {
      machines.run("a", "facts", line -> {}, ENOUGH);

      assertThat(server.commands()).containsExactly("facts");
    }
  }

  @Test
  void sessions_stayOpen_andBrokenOnesAreReplaced() {
    try (var server = new CommandServer(KEY, command -> new Reply(0, "", ""));
        var machines = machines(access("admin", server), server.hostKey())) {
      machines.run("facts", ENOUGH);
      machines.run("facts", ENOUGH);
      assertThat(server.logins()).hasSize(4);

      server.hangUp();
      // The first command after the break may be the one that notices it.
      machines.run("facts", ENOUGH);
      var outcomes = machines.run("facts", ENOUGH);

      assertThat(outcomes.values()).allMatch(CommandOutcome.Ended.class::isInstance);
      assertThat(server.logins()).hasSize(8);
    }
  }

  @Test
  void lines_arePassedOn() {
    try (var server = new CommandServer(KEY, command -> new Reply(0, "one\ntwo\n", ""));
        var machines = machines(access("admin", server), server.hostKey())) {
      var lines = new ArrayList<String>();

      machines.run("b", "operate", lines::add, ENOUGH);

      assertThat(lines).containsExactly("one", "two");
    }
  }

  @Test
  void hangingCommand_isReportedInTime() {
    try (var server = new CommandServer(KEY, command -> Reply.NOTHING);
        var machines = machines(access("admin", server), server.hostKey())) {
      var began = Instant.now();

      var outcomes = machines.run("facts", CONNECT);

      assertThat(Duration.between(began, Instant.now())).isLessThan(CONNECT.plusSeconds(2));
      assertThat(outcomes.get("c"))
          .isInstanceOfSatisfying(
              CommandOutcome.Unreached.class,
              outcome ->
                  assertThat(outcome.reason())
                      .startsWith("node c (127.0.0.1:%d)".formatted(server.port()))
                      .endsWith("no answer in time to: sudo -n facts"));
    }
  }

  /** The kernel of a hung machine still accepts connections. */
  @Test
  void silentMachine_isReportedInTime() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var server = new CommandServer(KEY, command -> new Reply(0, "{}", ""))) {
      var access = access("admin", silent.getLocalPort(), Optional.empty());
      try (var machines = machines(access, server.hostKey())) {
        var began = Instant.now();

        var outcomes = machines.run("facts", ENOUGH);

        assertThat(Duration.between(began, Instant.now())).isLessThan(CONNECT.plusSeconds(4));
        assertThat(outcomes.values())
            .allSatisfy(
                outcome ->
                    assertThat(outcome)
                        .isInstanceOfSatisfying(
                            CommandOutcome.Unreached.class,
                            silence -> {
                              assertThat(silence.reason()).contains("timed out");
                              assertThat(silence.next()).contains("is the machine on?");
                            }));
      }
    }
  }

  @Test
  void connectionThatEndsBeforeTheCommand_isReported() {
    try (var server = new CommandServer(KEY, command -> new Reply(-1, "half", ""));
        var machines = machines(access("admin", server), server.hostKey())) {
      assertThat(machines.run("a", "facts", line -> {}, ENOUGH))
          .isInstanceOfSatisfying(
              CommandOutcome.Unreached.class,
              outcome ->
                  assertThat(outcome.reason())
                      .contains("the connection ended before the command did"));
    }
  }

  @Test
  void differentHostKey_isReported() {
    try (var server = new CommandServer(KEY, command -> new Reply(0, "", ""));
        var other = new CommandServer(KEY, command -> new Reply(0, "", ""));
        var machines = machines(access("admin", server), other.hostKey())) {
      assertThat(machines.run("a", "facts", line -> {}, ENOUGH))
          .isInstanceOfSatisfying(
              CommandOutcome.Unreached.class,
              outcome ->
                  assertThat(outcome.reason()).contains("its host key is not the pinned one"));
      assertThat(server.commands()).isEmpty();
    }
  }

  @Test
  void jumpHost_isUsedForAllMachines() {
    try (var jump = new CommandServer(KEY, command -> new Reply(1, "", ""));
        var server = new CommandServer(KEY, command -> new Reply(0, "through", ""));
        var machines = machines(viaJumpHost(jump, jump.hostKey(), server), server.hostKey())) {
      machines.run("facts", ENOUGH);
      var outcomes = machines.run("facts", ENOUGH);

      assertThat(outcomes.values()).allMatch(CommandOutcome.Ended.class::isInstance);
      assertThat(jump.logins()).containsExactly("jumper");
      assertThat(jump.commands()).isEmpty();
    }
  }

  @Test
  void differentHostKeyOfTheJumpHost_isReportedForAllMachines() {
    try (var jump = new CommandServer(KEY, command -> new Reply(1, "", ""));
        var server = new CommandServer(KEY, command -> new Reply(0, "", ""));
        var machines = machines(viaJumpHost(jump, server.hostKey(), server), server.hostKey())) {
      var outcomes = machines.run("facts", ENOUGH);

      assertThat(outcomes.keySet()).containsExactly("a", "b", "c", "d");
      assertThat(outcomes.values())
          .allSatisfy(
              outcome ->
                  assertThat(((CommandOutcome.Unreached) outcome).reason())
                      .startsWith("jump host (127.0.0.1:%d): ".formatted(jump.port())));
      assertThat(server.logins()).isEmpty();
    }
  }

  @Test
  void keyWithAPassphrase_isRefused() {
    var access = access("admin", 22, Optional.empty());

    assertThatThrownBy(
            () -> new RemoteMachines(access, Map.of(), SshKey.lockedBy("secret"), CONNECT))
        .isInstanceOf(InaccessibleMachinesException.class)
        .hasMessageContaining("ninefold:sshPrivateKey has a passphrase");
  }

  private static RemoteMachines machines(Access access, String hostKey) {
    return new RemoteMachines(access, LoopbackMachines.pinned(hostKey), KEY.privateText(), CONNECT);
  }

  private static Access access(String user, CommandServer server) {
    return access(user, server.port(), Optional.empty());
  }

  private static Access viaJumpHost(CommandServer jump, String hostKey, CommandServer server) {
    return access("admin", server.port(), LoopbackMachines.jumpHost(jump.port(), hostKey));
  }

  private static Access access(String user, int port, Optional<Access.Jump> jump) {
    return LoopbackMachines.access(user, port, jump, Duration.ofMinutes(1));
  }
}
