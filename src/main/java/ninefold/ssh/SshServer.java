package ninefold.ssh;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchAlgoNegoFailException;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.JSchHostKeyException;
import com.jcraft.jsch.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import ninefold.ssh.LoginFailureException.Reason;

/**
 * An ssh server to which the administrator logs in.
 *
 * @param name the machine's name in messages, with its address
 * @param address the address to connect to
 * @param port the port to connect to
 * @param user the user to log in as
 * @param hostKey the pinned public host key, as {@code type key}
 */
record SshServer(String name, String address, int port, String user, String hostKey) {
  private static final String HOST_KEYS = "server_host_key";

  /** How long to wait before trying a server again that did not answer. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** How JSch's message of a refusal begins, also if the connection breaks during the login. */
  private static final String REFUSAL = "Auth fail";

  /** Refusals before we give up: sshd's PerSourcePenalties would soon block this address. */
  private static final int REFUSALS = 2;

  /** How long to wait before trying a server again that refused. */
  private static final Duration PAUSE_AFTER_REFUSAL = Duration.ofSeconds(3);

  private static final String BECOME_ROOT = "sudo -n true";

  /** JSch's exit status of a command whose exit status did not arrive. */
  private static final int NO_STATUS = -1;

  /** A server whose name in messages includes its address and port. */
  static SshServer of(String name, String address, int port, String user, String hostKey) {
    return new SshServer("%s (%s:%d)".formatted(name, address, port), address, port, user, hostKey);
  }

  /** The same server, reached through a tunnel of a session on the jump host. */
  SshServer viaJumpHost(Session jumpHost) throws LoginFailureException {
    try {
      var localPort = jumpHost.setPortForwardingL(0, address, port);
      return new SshServer(
          name, InetAddress.getLoopbackAddress().getHostAddress(), localPort, user, hostKey);
    } catch (JSchException e) {
      throw new LoginFailureException(Reason.UNREACHABLE, name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Logs in. Tries again until the deadline if the server does not answer. Tries again once if it
   * refuses, because a machine may refuse logins while it boots.
   *
   * @param privateKey the administrator's private key
   * @param deadline when to stop trying
   * @param timeout how long each answer may take
   */
  Session logIn(byte[] privateKey, Instant deadline, ResponseTimeout timeout)
      throws LoginFailureException, InterruptedException {
    var refusals = 0;
    while (true) {
      var session = session(privateKey);
      try {
        connect(session, timeout.milliseconds(deadline));
        return session;
      } catch (JSchException | RuntimeException e) {
        var refused = String.valueOf(e.getMessage()).startsWith(REFUSAL);
        refusals += refused ? 1 : 0;
        if (refusals == REFUSALS) {
          throw new LoginFailureException(
              Reason.AUTHENTICATION_FAILED,
              "%s: user '%s' cannot log in: %s".formatted(name, user, e.getMessage()),
              e);
        }
        if (Instant.now().isAfter(deadline)) {
          throw new LoginFailureException(Reason.UNREACHABLE, name + ": " + e.getMessage(), e);
        }
        Thread.sleep((refused ? PAUSE_AFTER_REFUSAL : PAUSE).toMillis());
      }
    }
  }

  /**
   * Requires that the user can become root without a password, as every step does.
   *
   * @param session a session on this server
   * @param deadline until when to wait for the server's answers
   */
  void requireRoot(Session session, Instant deadline) throws LoginFailureException {
    if (user.equals("root")) {
      return;
    }
    try {
      var command = (ChannelExec) session.openChannel("exec");
      command.setCommand(BECOME_ROOT);
      var errors = command.getErrStream();
      command.connect(ResponseTimeout.BEFORE_STEPS.milliseconds(deadline));
      var output = new String(errors.readAllBytes(), UTF_8).strip();
      if (command.getExitStatus() == NO_STATUS) {
        throw new LoginFailureException(
            Reason.UNREACHABLE, "%s: the connection ended during: %s".formatted(name, BECOME_ROOT));
      }
      if (command.getExitStatus() != 0) {
        throw new LoginFailureException(
            Reason.NO_PASSWORDLESS_SUDO,
            "%s: user '%s' cannot become root: %s: %s".formatted(name, user, BECOME_ROOT, output));
      }
    } catch (JSchException | IOException e) {
      throw new LoginFailureException(
          Reason.UNREACHABLE, "%s: %s: %s".formatted(name, BECOME_ROOT, e), e);
    }
  }

  private void connect(Session session, int timeout) throws JSchException, LoginFailureException {
    try {
      session.connect(timeout);
    } catch (JSchHostKeyException e) {
      var offered = session.getHostKey();
      throw new LoginFailureException(
          Reason.HOST_KEY_MISMATCH,
          "%s: its host key is not the pinned one: it offers %s %s"
              .formatted(name, offered.getType(), offered.getFingerPrint(new JSch())),
          e);
    } catch (JSchAlgoNegoFailException e) {
      throw new LoginFailureException(
          e.getAlgorithmName().equals(HOST_KEYS)
              ? Reason.HOST_KEY_MISMATCH
              : Reason.NO_COMMON_ALGORITHM,
          "%s: no common %s: this client supports %s, the server %s"
              .formatted(name, e.getAlgorithmName(), e.getJSchProposal(), e.getServerProposal()),
          e);
    }
  }

  private Session session(byte[] privateKey) throws LoginFailureException {
    var pinned = pinned();
    var jsch = new JSch();
    jsch.getHostKeyRepository().add(pinned, null);
    Session session;
    try {
      jsch.addIdentity(user, privateKey, null, null);
      session = jsch.getSession(user, address, port);
    } catch (JSchException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    session.setHostKeyAlias(name);
    session.setConfig("StrictHostKeyChecking", "yes");
    session.setConfig("PreferredAuthentications", "publickey");
    session.setConfig(HOST_KEYS, pinned.getType());
    session.setDaemonThread(true);
    return session;
  }

  private HostKey pinned() throws LoginFailureException {
    try {
      var text = hostKey.substring(hostKey.indexOf(' ') + 1);
      return new HostKey(name, Base64.getDecoder().decode(text));
    } catch (JSchException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new LoginFailureException(
          Reason.HOST_KEY_MISMATCH,
          "%s: its pinned host key is malformed: %s".formatted(name, hostKey),
          e);
    }
  }
}
