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
 * Whether the administrator is let in on machines that exist already and becomes root there, and
 * each shows the host key that is pinned for it. The provider limits nothing past TCP connect, and
 * tries a wrong key again until its attempts are used up; asked here, all machines that can't be
 * worked on are named in one go, and no step has been taken anywhere.
 */
public final class SshPreflight {
  /** A server may go on answering in time and never come to an end. */
  private static final Duration OVERTIME = Duration.ofSeconds(15);

  private final Access access;
  private final byte[] privateKey;
  private final Instant limit;

  private SshPreflight(Access access, String privateKey) {
    this.access = access;
    this.privateKey = privateKey.getBytes(UTF_8);
    this.limit = Instant.now().plus(access.connectTimeout());
  }

  /**
   * Logs in on each node, becomes root, and leaves again.
   *
   * @param access user, port, jump host and limit
   * @param hostKeys the nodes and their public host keys, as {@code type key}
   * @param privateKey the administrator's key
   * @throws InaccessibleMachinesException if one has not answered after the description's {@code
   *     connectTimeout}, shows another key, doesn't let in or asks for a password, naming each
   */
  public static void require(Access access, Map<Node, String> hostKeys, String privateKey) {
    requireUsable(privateKey);
    var logins = new SshPreflight(access, privateKey);
    var servers =
        hostKeys.entrySet().stream().map(it -> server(access, it.getKey(), it.getValue())).toList();
    var refusals =
        access
            .jump()
            .map(jump -> logins.checkViaJumpHost(jump, servers))
            .orElseGet(() -> logins.to(servers, server -> server));
    if (!refusals.isEmpty()) {
      throw new InaccessibleMachinesException(logins.message(refusals));
    }
  }

  /** Nobody is here to type a passphrase. */
  static void requireUsable(String privateKey) {
    try {
      var key = Optional.ofNullable(KeyPair.load(new JSch(), privateKey.getBytes(UTF_8), null));
      var locked = key.orElseThrow(() -> new JSchException("unknown format")).isEncrypted();
      if (locked) {
        throw new InaccessibleMachinesException(
            "ninefold:sshPrivateKey has a passphrase; nothing was touched. Give a key without one,"
                + " for this stack alone: ssh-keygen -t ed25519 -N ''");
      }
    } catch (JSchException e) {
      throw new InaccessibleMachinesException(
          "ninefold:sshPrivateKey is not a private key ("
              + e.getMessage().lines().findFirst().orElse("")
              + "); nothing was touched. pulumi config set --secret ninefold:sshPrivateKey < FILE");
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
      session = gateway(jump).logIn(privateKey, limit, ResponseTimeout.BEFORE_STEPS);
    } catch (LoginFailureException e) {
      return List.of(e);
    } catch (InterruptedException e) {
      throw ParallelQueries.interrupted(e);
    }
    try {
      return to(servers, server -> server.viaJumpHost(session));
    } finally {
      session.disconnect();
    }
  }

  /** Where a server is really reached. */
  private interface Route {
    SshServer to(SshServer server) throws LoginFailureException;
  }

  /** Those that don't let in, in the order of the servers. They are asked all at once. */
  private List<LoginFailureException> to(List<SshServer> servers, Route route) {
    var answers =
        ParallelQueries.ask(
            servers, it -> ask(it, route), limit.plus(OVERTIME), SshPreflight::withoutEnd);
    return answers.values().stream().flatMap(Optional::stream).toList();
  }

  private static Optional<LoginFailureException> withoutEnd(SshServer server) {
    return Optional.of(
        new LoginFailureException(
            Reason.UNREACHABLE, server.name() + ": its login comes to no end"));
  }

  private Optional<LoginFailureException> ask(SshServer server, Route route)
      throws InterruptedException {
    try {
      var reached = route.to(server);
      var session = reached.logIn(privateKey, limit, ResponseTimeout.BEFORE_STEPS);
      try {
        reached.requireRoot(session, limit);
      } finally {
        session.disconnect();
      }
      return Optional.empty();
    } catch (LoginFailureException e) {
      return Optional.of(e);
    }
  }

  private String message(List<LoginFailureException> refusals) {
    var machines = refusals.stream().map(LoginFailureException::getMessage);
    var remedies = refusals.stream().map(it -> it.reason().remedy()).distinct();
    return Stream.concat(machines, remedies)
        .collect(
            joining(
                "\n  ",
                "no work is possible on these machines, asked for up to "
                    + access.connectTimeout().toSeconds()
                    + " s (access.connectTimeout); nothing was touched:\n  ",
                ""));
  }
}
