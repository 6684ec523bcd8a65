package ninefold.ssh;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import ninefold.HostKeys;
import ninefold.SshKey;
import ninefold.description.Access;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.server.command.AbstractCommandSupport;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Logins over loopback. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SshPreflightTest {
  /** A short timeout, in seconds, for tests in which the login fails. */
  private static final int LIMIT = 1;

  /** A long timeout, in seconds, for tests in which the login succeeds. */
  private static final int ENOUGH = 60;

  private static final String HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A".repeat(43);
  private static final SshKey KEY = SshKey.make();

  @Test
  void eachNode_isLoggedInToOnce() throws IOException {
    try (var server = new Server()) {
      require(access(server.port(), ENOUGH), server.hostKey());

      assertThat(server.users()).hasSize(LoopbackMachines.nodes().size()).containsOnly("admin");
      assertThat(server.commands())
          .hasSize(LoopbackMachines.nodes().size())
          .containsOnly("sudo -n true");
    }
  }

  @Test
  void root_needsNoSudo() throws IOException {
    try (var server = new Server()) {
      server.refuseSudo();
      var root = access("root", server.port(), Optional.empty(), ENOUGH);

      require(root, server.hostKey());

      assertThat(server.users()).hasSize(LoopbackMachines.nodes().size()).containsOnly("root");
      assertThat(server.commands()).isEmpty();
    }
  }

  @Test
  void passwordPrompt_isReported() throws IOException {
    try (var server = new Server()) {
      server.refuseSudo();

      assertThatThrownBy(() -> require(access(server.port(), 3600), server.hostKey()))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining(
              "node c (127.0.0.1:%d): user 'admin' cannot become root".formatted(server.port()))
          .hasMessageContaining("sudo: a password is required")
          .hasMessageContaining("NOPASSWD");
    }
  }

  @Test
  void connectionThatEndsDuringSudo_isReportedAsSuch() throws IOException {
    try (var server = new Server()) {
      server.hangUpOnSudo();

      assertThatThrownBy(() -> require(access(server.port(), 3600), server.hostKey()))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining(
              "node b (127.0.0.1:%d): the connection ended during: sudo -n true"
                  .formatted(server.port()))
          .hasMessageNotContaining("NOPASSWD");
    }
  }

  @Test
  void jumpHost_isUsedForEachNode() throws IOException {
    try (var jump = new Server();
        var server = new Server()) {
      require(viaJumpHost(jump, jump.hostKey(), server.port(), ENOUGH), server.hostKey());

      assertThat(jump.users()).containsExactly("jumper");
      assertThat(jump.commands()).isEmpty();
      assertThat(server.users()).hasSize(LoopbackMachines.nodes().size()).containsOnly("admin");
    }
  }

  @Test
  void differentHostKeyOfTheJumpHost_isReportedOnce() throws IOException {
    try (var jump = new Server();
        var server = new Server()) {
      var access = viaJumpHost(jump, server.hostKey(), server.port(), ENOUGH);

      assertThatThrownBy(() -> require(access, server.hostKey()))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining("jump host (127.0.0.1:%d): its host key".formatted(jump.port()))
          .hasMessageNotContaining("node a");
      assertThat(server.users()).isEmpty();
    }
  }

  @Test
  void silentNodeBehindAJumpHost_isReported() throws IOException {
    try (var jump = new Server();
        var silent = new Talker("")) {
      var access = viaJumpHost(jump, jump.hostKey(), silent.port(), 5);

      assertThatThrownBy(() -> require(access, HOST_KEY))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining("node b (127.0.0.1:%d): ".formatted(silent.port()))
          .hasMessageContaining("is the machine on?");
    }
  }

  @Test
  void serverThatStartsInTime_isAwaited() throws Exception {
    var port = closedPort();
    try (var server = new Server(port)) {
      var waiting = new Thread(() -> require(access(port, ENOUGH), server.hostKey()), "waiting");
      var failures = new CopyOnWriteArrayList<Throwable>();
      waiting.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
      waiting.start();
      server.start();
      waiting.join();

      assertThat(failures).isEmpty();
      assertThat(server.users()).hasSize(LoopbackMachines.nodes().size());
    }
  }

  @Test
  void closedPort_isReportedWithNodeAndTimeout() throws IOException {
    var port = closedPort();

    assertThatThrownBy(() -> require(access(port, LIMIT), HOST_KEY))
        .isInstanceOf(InaccessibleMachinesException.class)
        .hasMessageContaining("for up to %d s (access.connectTimeout)".formatted(LIMIT))
        .hasMessageContaining("nothing was touched")
        .hasMessageFindingMatch("node a \\(127.0.0.1:%d\\): .*Connection refused".formatted(port))
        .hasMessageContaining("node d (127.0.0.1:%d)".formatted(port))
        .hasMessageContaining("is the machine on?");
  }

  @Test
  void differentProtocol_isReported() throws IOException {
    try (var server = new Talker("220 mail.example.net\r\n")) {
      assertThatThrownBy(() -> require(access(server.port(), LIMIT), HOST_KEY))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining("node c (127.0.0.1:%d): ".formatted(server.port()));
    }
  }

  /** The kernel of a hung machine still accepts connections. */
  @Test
  void silentServer_isReported() throws IOException {
    try (var server = new Talker("")) {
      assertThatThrownBy(() -> require(access(server.port(), LIMIT), HOST_KEY))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageFindingMatch(
              "node b \\(127.0.0.1:%d\\): .*timed out".formatted(server.port()));
    }
  }

  /** It sends one greeting line after the other, each in time. */
  @Test
  void endlessGreeting_isReported() throws IOException {
    try (var server = new Talker("Welcome\r\n".repeat(2000), Duration.ofMillis(100))) {
      assertThatThrownBy(() -> require(access(server.port(), LIMIT), HOST_KEY))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining(
              "node d (127.0.0.1:%d): its login did not finish in time".formatted(server.port()));
    }
  }

  @Test
  void differentHostKey_isReported_withoutALogin() throws IOException {
    try (var server = new Server();
        var other = new Server()) {
      assertThatThrownBy(() -> require(access(server.port(), 3600), other.hostKey()))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining(
              "node a (127.0.0.1:%d): its host key is not the pinned one: it offers"
                  .formatted(server.port()))
          .hasMessageContaining("ecdsa-sha2-nistp256 SHA256:")
          .hasMessageContaining("was the machine reinstalled?");
      assertThat(server.users()).isEmpty();
    }
  }

  @Test
  void hostKeyOfADifferentType_isReported() throws IOException {
    try (var server = new Server()) {
      assertThatThrownBy(() -> require(access(server.port(), 3600), HOST_KEY))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining("this client supports ssh-ed25519, the server ecdsa-sha2-nistp256")
          .hasMessageContaining("was the machine reinstalled?");
    }
  }

  @Test
  void malformedPinnedKey_isReported() {
    assertThatThrownBy(() -> require(access(22, 3600), "ssh-ed25519 AAAA"))
        .isInstanceOf(InaccessibleMachinesException.class)
        .hasMessageContaining(
            "node d (127.0.0.1:22): its pinned host key is malformed: ssh-ed25519 AAAA");
  }

  @Test
  void refusedKey_isReported_afterASecondAttempt() throws IOException {
    try (var server = new Server()) {
      var other = SshKey.make().privateText();

      assertThatThrownBy(
              () ->
                  SshPreflight.require(
                      access(server.port(), 3600),
                      LoopbackMachines.pinned(server.hostKey()),
                      other))
          .isInstanceOf(InaccessibleMachinesException.class)
          .hasMessageContaining(
              "node a (127.0.0.1:%d): user 'admin' cannot log in".formatted(server.port()))
          .hasMessageContaining("authorized_keys")
          .hasMessageNotContaining("PRIVATE KEY");
      assertThat(server.refused()).isEqualTo(2 * LoopbackMachines.nodes().size());
    }
  }

  /** A machine that boots may refuse logins at first. */
  @Test
  void firstRefusal_isNotFinal() throws IOException {
    try (var server = new Server()) {
      server.refuseFirst();

      SshPreflight.require(
          access(server.port(), ENOUGH),
          Map.of(LoopbackMachines.nodes().get(0), server.hostKey()),
          KEY.privateText());

      assertThat(server.refused()).isEqualTo(1);
      assertThat(server.users()).containsExactly("admin");
    }
  }

  @Test
  void keyWithAPassphrase_isRefused() {
    var locked = SshKey.lockedBy("secret");

    assertThatThrownBy(
            () -> SshPreflight.require(access(22, 60), LoopbackMachines.pinned(HOST_KEY), locked))
        .isInstanceOf(InaccessibleMachinesException.class)
        .hasMessageContaining("ninefold:sshPrivateKey has a passphrase");
  }

  @Test
  void invalidKey_isRefused_andNotPrinted() {
    assertThatThrownBy(
            () ->
                SshPreflight.require(
                    access(22, 60), LoopbackMachines.pinned(HOST_KEY), "not-a-key"))
        .isInstanceOf(InaccessibleMachinesException.class)
        .hasMessageContaining("ninefold:sshPrivateKey is not a private key")
        .hasMessageNotContaining("not-a-key");
  }

  private static void require(Access access, String hostKey) {
    SshPreflight.require(access, LoopbackMachines.pinned(hostKey), KEY.privateText());
  }

  private static Access access(int port, int timeout) {
    return access("admin", port, Optional.empty(), timeout);
  }

  private static Access viaJumpHost(Server jump, String hostKey, int port, int timeout) {
    return access("admin", port, LoopbackMachines.jumpHost(jump.port(), hostKey), timeout);
  }

  private static Access access(String user, int port, Optional<Access.Jump> jump, int timeout) {
    return LoopbackMachines.access(user, port, jump, Duration.ofSeconds(timeout));
  }

  private static int closedPort() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return server.getLocalPort();
    }
  }

  /** A real ssh server that accepts the key for every user, and records the logins. */
  private static final class Server implements AutoCloseable, SessionListener {
    private final org.apache.sshd.server.SshServer server =
        org.apache.sshd.server.SshServer.setUpDefaultServer();
    private final java.security.KeyPair hostKey = HostKeys.make();
    private final List<String> users = new CopyOnWriteArrayList<>();
    private final AtomicBoolean booting = new AtomicBoolean();
    private final AtomicInteger refused = new AtomicInteger();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final AtomicBoolean password = new AtomicBoolean();
    private final AtomicBoolean hangsUp = new AtomicBoolean();

    Server() throws IOException {
      this(0);
      start();
    }

    /** A server that the test starts later. */
    Server(int port) {
      server.setHost("127.0.0.1");
      server.setPort(port);
      server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
      server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
      server.setPublickeyAuthenticator((user, key, session) -> accepts(key));
      server.setCommandFactory((channel, command) -> new Sudo(command));
      server.addSessionListener(this);
    }

    /** Makes sudo ask for a password. */
    void refuseSudo() {
      password.set(true);
    }

    /** Makes the server close the connection during sudo. */
    void hangUpOnSudo() {
      hangsUp.set(true);
    }

    /** The commands that ran. */
    List<String> commands() {
      return commands;
    }

    /** Makes the server refuse the first login. */
    void refuseFirst() {
      booting.set(true);
    }

    /** The number of refused logins. */
    int refused() {
      return refused.get();
    }

    private boolean accepts(PublicKey key) {
      var accepted =
          !booting.getAndSet(false) && PublicKeyEntry.toString(key).equals(KEY.publicText());
      refused.addAndGet(accepted ? 0 : 1);
      return accepted;
    }

    void start() throws IOException {
      server.start();
    }

    int port() {
      return server.getPort();
    }

    String hostKey() {
      return PublicKeyEntry.toString(hostKey.getPublic());
    }

    List<String> users() {
      return users;
    }

    @Override
    public void sessionEvent(Session session, Event event) {
      if (event == Event.Authenticated) {
        users.add(session.getUsername());
      }
    }

    @Override
    public void close() throws IOException {
      server.stop(true);
    }

    /** The command that becomes root and does nothing else. */
    private final class Sudo extends AbstractCommandSupport {
      Sudo(String command) {
        super(command, null);
      }

      @Override
      public void run() {
        commands.add(getCommand());
        if (hangsUp.get()) {
          getServerSession().close(true);
          return;
        }
        if (!password.get()) {
          onExit(0);
          return;
        }
        try {
          getErrorStream().write("sudo: a password is required\n".getBytes(US_ASCII));
          getErrorStream().flush();
          onExit(1);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Sends its lines to every client, and keeps the connection open. */
  private static final class Talker implements AutoCloseable {
    private final ServerSocket server;
    private final String words;
    private final Duration pause;
    private final List<Socket> clients = new CopyOnWriteArrayList<>();

    Talker(String words) throws IOException {
      this(words, Duration.ZERO);
    }

    /** Waits after each line. */
    Talker(String words, Duration pause) throws IOException {
      this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      this.words = words;
      this.pause = pause;
      start(this::serve);
    }

    int port() {
      return server.getLocalPort();
    }

    private void serve() {
      while (!server.isClosed()) {
        try {
          var client = server.accept();
          clients.add(client);
          start(() -> talk(client));
        } catch (IOException e) {
          if (!server.isClosed()) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }

    private void talk(Socket client) {
      try {
        for (var line : words.lines().toList()) {
          client.getOutputStream().write((line + "\r\n").getBytes(US_ASCII));
          Thread.sleep(pause.toMillis());
        }
      } catch (IOException e) {
        // The client has closed the connection.
        clients.remove(client);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static void start(Runnable work) {
      var thread = new Thread(work, "talker");
      thread.setDaemon(true);
      thread.start();
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (var client : clients) {
        client.close();
      }
    }
  }
}
