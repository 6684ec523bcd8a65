package ninefold.host;

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
import ninefold.cluster.Access;
import ninefold.cluster.Node;
import ninefold.host.NotLetIn.Reason;

/**
 * Whether the administrator is let in on machines that exist already and becomes root there, and
 * each shows the host key that is pinned for it. The provider limits nothing past TCP connect, and
 * tries a wrong key again until its attempts are used up; asked here, all machines that can't be
 * worked on are named in one go, and no step has been taken anywhere.
 */
public final class Logins {
  /** A server may go on answering in time and never come to an end. */
  private static final Duration OVERTIME = Duration.ofSeconds(15);

  private final Access access;
  private final byte[] privateKey;
  private final Instant limit;

  private Logins(Access access, String privateKey) {
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
   * @throws InaccessibleMachines if one has not answered after the description's {@code
   *     connectTimeout}, shows another key, doesn't let in or asks for a password, naming each
   */
  public static void require(Access access, Map<Node, String> hostKeys, String privateKey) {
    requireUsable(privateKey);
    var logins = new Logins(access, privateKey);
    var servers =
        hostKeys.entrySet().stream().map(it -> server(access, it.getKey(), it.getValue())).toList();
    var refusals =
        access
            .jump()
            .map(jump -> logins.through(jump, servers))
            .orElseGet(() -> logins.to(servers, server -> server));
    if (!refusals.isEmpty()) {
      throw new InaccessibleMachines(logins.message(refusals));
    }
  }

  /** Nobody is here to type a passphrase. */
  static void requireUsable(String privateKey) {
    try {
      var key = Optional.ofNullable(KeyPair.load(new JSch(), privateKey.getBytes(UTF_8), null));
      var locked = key.orElseThrow(() -> new JSchException("unknown format")).isEncrypted();
      if (locked) {
        throw new InaccessibleMachines(
            "ninefold:sshPrivateKey has a passphrase; nothing was touched. Give a key without one,"
                + " for this stack alone: ssh-keygen -t ed25519 -N ''");
      }
    } catch (JSchException e) {
      throw new InaccessibleMachines(
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

  private List<NotLetIn> through(Access.Jump jump, List<SshServer> servers) {
    Session session;
    try {
      session = gateway(jump).logIn(privateKey, limit, Patience.BEFORE_STEPS);
    } catch (NotLetIn e) {
      return List.of(e);
    } catch (InterruptedException e) {
      throw AtOnce.interrupted(e);
    }
    try {
      return to(servers, server -> server.through(session));
    } finally {
      session.disconnect();
    }
  }

  /** Where a server is really reached. */
  private interface Route {
    SshServer to(SshServer server) throws NotLetIn;
  }

  /** Those that don't let in, in the order of the servers. They are asked all at once. */
  private List<NotLetIn> to(List<SshServer> servers, Route route) {
    var answers =
        AtOnce.ask(servers, it -> ask(it, route), limit.plus(OVERTIME), Logins::withoutEnd);
    return answers.values().stream().flatMap(Optional::stream).toList();
  }

  private static Optional<NotLetIn> withoutEnd(SshServer server) {
    return Optional.of(new NotLetIn(Reason.SILENT, server.name() + ": its login comes to no end"));
  }

  private Optional<NotLetIn> ask(SshServer server, Route route) throws InterruptedException {
    try {
      var reached = route.to(server);
      var session = reached.logIn(privateKey, limit, Patience.BEFORE_STEPS);
      try {
        reached.requireRoot(session, limit);
      } finally {
        session.disconnect();
      }
      return Optional.empty();
    } catch (NotLetIn e) {
      return Optional.of(e);
    }
  }

  private String message(List<NotLetIn> refusals) {
    var machines = refusals.stream().map(NotLetIn::getMessage);
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
