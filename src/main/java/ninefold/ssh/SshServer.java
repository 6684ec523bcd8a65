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
 * An ssh server that is to let the administrator in.
 *
 * @param name what messages call its machine, with the address
 * @param address where it is reached
 * @param port its port there
 * @param user who is to be let in
 * @param hostKey the public key that it has to show, as {@code type key}
 */
record SshServer(String name, String address, int port, String user, String hostKey) {
  private static final String HOST_KEYS = "server_host_key";
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** A library's word for a refusal; it says so too when the connection breaks at that moment. */
  private static final String REFUSAL = "Auth fail";

  /** So many are believed; more would make sshd shut this address out. */
  private static final int REFUSALS = 2;

  private static final Duration BETWEEN_REFUSALS = Duration.ofSeconds(3);
  private static final String BECOME_ROOT = "sudo -n true";

  /** A library's word for a command of which no end was told. */
  private static final int NO_STATUS = -1;

  /** A server under that name at that address, which the name repeats. */
  static SshServer of(String name, String address, int port, String user, String hostKey) {
    return new SshServer("%s (%s:%d)".formatted(name, address, port), address, port, user, hostKey);
  }

  /** The same server, reached through another one. */
  SshServer viaJumpHost(Session gateway) throws LoginFailureException {
    try {
      var here = gateway.setPortForwardingL(0, address, port);
      return new SshServer(
          name, InetAddress.getLoopbackAddress().getHostAddress(), here, user, hostKey);
    } catch (JSchException e) {
      throw new LoginFailureException(Reason.UNREACHABLE, name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Logs in. A server that says nothing is asked again until the limit; one that refuses is asked
   * once more, as a machine that still boots may refuse at first.
   *
   * @param privateKey the administrator's key
   * @param limit after which it is not tried again
   * @param patience how long each of its answers may take
   */
  Session logIn(byte[] privateKey, Instant limit, ResponseTimeout patience)
      throws LoginFailureException, InterruptedException {
    var refusals = 0;
    while (true) {
      var session = session(privateKey);
      try {
        connect(session, patience.milliseconds(limit));
        return session;
      } catch (JSchException | RuntimeException e) {
        var refused = String.valueOf(e.getMessage()).startsWith(REFUSAL);
        refusals += refused ? 1 : 0;
        if (refusals == REFUSALS) {
          throw new LoginFailureException(
              Reason.AUTHENTICATION_FAILED,
              "%s: user '%s' is not let in: %s".formatted(name, user, e.getMessage()),
              e);
        }
        if (Instant.now().isAfter(limit)) {
          throw new LoginFailureException(Reason.UNREACHABLE, name + ": " + e.getMessage(), e);
        }
        Thread.sleep((refused ? BETWEEN_REFUSALS : PAUSE).toMillis());
      }
    }
  }

  /**
   * Requires that a command becomes root there without a password, as every step does.
   *
   * @param session one of this server
   */
  void requireRoot(Session session, Instant limit) throws LoginFailureException {
    if (user.equals("root")) {
      return;
    }
    try {
      var command = (ChannelExec) session.openChannel("exec");
      command.setCommand(BECOME_ROOT);
      var errors = command.getErrStream();
      command.connect(ResponseTimeout.BEFORE_STEPS.milliseconds(limit));
      var said = new String(errors.readAllBytes(), UTF_8).strip();
      if (command.getExitStatus() == NO_STATUS) {
        throw new LoginFailureException(
            Reason.UNREACHABLE, "%s: the connection ended during: %s".formatted(name, BECOME_ROOT));
      }
      if (command.getExitStatus() != 0) {
        throw new LoginFailureException(
            Reason.NO_PASSWORDLESS_SUDO,
            "%s: user '%s' does not become root: %s: %s".formatted(name, user, BECOME_ROOT, said));
      }
    } catch (JSchException | IOException e) {
      throw new LoginFailureException(
          Reason.UNREACHABLE, "%s: %s: %s".formatted(name, BECOME_ROOT, e), e);
    }
  }

  private void connect(Session session, int patience) throws JSchException, LoginFailureException {
    try {
      session.connect(patience);
    } catch (JSchHostKeyException e) {
      var shown = session.getHostKey();
      throw new LoginFailureException(
          Reason.HOST_KEY_MISMATCH,
          "%s: its host key is not the pinned one: it shows %s %s"
              .formatted(name, shown.getType(), shown.getFingerPrint(new JSch())),
          e);
    } catch (JSchAlgoNegoFailException e) {
      throw new LoginFailureException(
          e.getAlgorithmName().equals(HOST_KEYS)
              ? Reason.HOST_KEY_MISMATCH
              : Reason.NO_COMMON_ALGORITHM,
          "%s: no %s in common: here %s, there %s"
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
          "%s: its pinned host key is none: %s".formatted(name, hostKey),
          e);
    }
  }
}
