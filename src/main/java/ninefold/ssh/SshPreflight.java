package ninefold.ssh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.KeyPair;
import com.jcraft.jsch.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import ninefold.description.Access;
import ninefold.description.Node;
import ninefold.ssh.LoginFailureException.Reason;

/**
 * Checks existing machines before the first step: each must offer its pinned host key, accept the
 * administrator's key, and let the administrator become root.
 *
 * <p>The provider of the steps has no timeout after TCP connect, and repeats a login with a wrong
 * key. This check has one, and reports all inaccessible machines at once, before anything changes.
 */
public final class SshPreflight {
  /** The time after the deadline for servers that answer in time, but never finish the login. */
  private static final Duration OVERTIME = Duration.ofSeconds(15);

  private final Access access;
  private final byte[] privateKey;
  private final Instant deadline;

  private SshPreflight(Access access, String privateKey) {
    this.access = access;
    this.privateKey = privateKey.getBytes(UTF_8);
    this.deadline = Instant.now().plus(access.connectTimeout());
  }

  /**
   * Logs in to each node, becomes root, and logs out.
   *
   * @param access user, port, jump host and {@code connectTimeout}
   * @param hostKeys the public host key of each node, as {@code type key}
   * @param privateKey the administrator's private key
   * @throws InaccessibleMachinesException if a node does not answer within {@code connectTimeout},
   *     offers a different host key, refuses the login or asks for a password; the message lists
   *     all such nodes
   */
  public static void require(Access access, Map<Node, String> hostKeys, String privateKey) {
    requireUsable(privateKey);
    var preflight = new SshPreflight(access, privateKey);
    var servers =
        hostKeys.entrySet().stream()
            .map(entry -> server(access, entry.getKey(), entry.getValue()))
            .toList();
    var failures =
        access
            .jump()
            .map(jump -> preflight.checkViaJumpHost(jump, servers))
            .orElseGet(() -> preflight.check(servers, server -> server));
    if (!failures.isEmpty()) {
      throw new InaccessibleMachinesException(preflight.message(failures));
    }
  }

  /**
   * Refuses a private key that is not valid or has a passphrase, which no step could enter.
   *
   * @throws InaccessibleMachinesException if it is one of these
   */
  static void requireUsable(String privateKey) {
    try {
      var key = Optional.ofNullable(KeyPair.load(new JSch(), privateKey.getBytes(UTF_8), null));
      var locked = key.orElseThrow(() -> new JSchException("unknown format")).isEncrypted();
      if (locked) {
        throw new InaccessibleMachinesException(
            "ninefold:sshPrivateKey has a passphrase; nothing was touched. Create a key without a"
                + " passphrase for this stack: ssh-keygen -t ed25519 -N ''");
      }
    } catch (JSchException e) {
      throw new InaccessibleMachinesException(
          "ninefold:sshPrivateKey is not a private key ("
              + e.getMessage().lines().findFirst().orElse("")
              + "); nothing was touched. Set a private key: pulumi config set --secret"
              + " ninefold:sshPrivateKey < FILE");
    }
  }

  /** The ssh server of a node. */
  static SshServer server(Access access, Node node, String hostKey) {
    return SshServer.of(
        "node " + node.name(), Connections.address(node), access.port(), access.user(), hostKey);
  }

  /** The ssh server of a jump host. */
  static SshServer gateway(Access.Jump jump) {
    return SshServer.of("jump host", jump.address(), jump.port(), jump.user(), jump.hostKey());
  }

  private List<LoginFailureException> checkViaJumpHost(Access.Jump jump, List<SshServer> servers) {
    Session session;
    try {
      session = gateway(jump).logIn(privateKey, deadline, ResponseTimeout.BEFORE_STEPS);
    } catch (LoginFailureException e) {
      return List.of(e);
    } catch (InterruptedException e) {
      throw ParallelQueries.interrupted(e);
    }
    try {
      return check(servers, server -> server.viaJumpHost(session));
    } finally {
      session.disconnect();
    }
  }

  /** Turns a server into the one to connect to, which may be a tunnel's local end. */
  private interface Route {
    SshServer to(SshServer server) throws LoginFailureException;
  }

  /** Checks the servers in parallel. Returns the failures in the order of the servers. */
  private List<LoginFailureException> check(List<SshServer> servers, Route route) {
    var failures =
        ParallelQueries.ask(
            servers, server -> check(server, route), deadline.plus(OVERTIME), SshPreflight::late);
    return failures.values().stream().flatMap(Optional::stream).toList();
  }

  private static Optional<LoginFailureException> late(SshServer server) {
    return Optional.of(
        new LoginFailureException(
            Reason.UNREACHABLE, server.name() + ": its login did not finish in time"));
  }

  private Optional<LoginFailureException> check(SshServer server, Route route)
      throws InterruptedException {
    try {
      var reached = route.to(server);
      var session = reached.logIn(privateKey, deadline, ResponseTimeout.BEFORE_STEPS);
      try {
        reached.requireRoot(session, deadline);
      } finally {
        session.disconnect();
      }
      return Optional.empty();
    } catch (LoginFailureException e) {
      return Optional.of(e);
    }
  }

  private String message(List<LoginFailureException> failures) {
    var machines = failures.stream().map(LoginFailureException::getMessage);
    var remedies = failures.stream().map(failure -> failure.reason().remedy()).distinct();
    return Stream.concat(machines, remedies)
        .collect(
            joining(
                "\n  ",
                "cannot log in as root on these machines, tried for up to "
                    + access.connectTimeout().toSeconds()
                    + " s (access.connectTimeout); nothing was touched:\n  ",
                ""));
  }
}
