package ninefold.host;

import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchAlgoNegoFailException;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.JSchHostKeyException;
import com.jcraft.jsch.Session;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import ninefold.host.NotLetIn.Reason;

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
  /** How long it may say nothing before it is tried again. */
  private static final Duration ATTEMPT = Duration.ofSeconds(20);

  private static final Duration SHORTEST = Duration.ofMillis(200);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final String REFUSAL = "Auth fail";

  /** A server under that name at that address, which the name repeats. */
  static SshServer of(String name, String address, int port, String user, String hostKey) {
    return new SshServer("%s (%s:%d)".formatted(name, address, port), address, port, user, hostKey);
  }

  /** The same server, reached through another one. */
  SshServer through(Session gateway) throws NotLetIn {
    try {
      var here = gateway.setPortForwardingL(0, address, port);
      return new SshServer(
          name, InetAddress.getLoopbackAddress().getHostAddress(), here, user, hostKey);
    } catch (JSchException e) {
      throw new NotLetIn(Reason.SILENT, name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Logs in. A server that says nothing is asked again until the limit; one that refuses is not.
   *
   * @param privateKey the administrator's key
   */
  Session logIn(byte[] privateKey, Instant limit) throws NotLetIn, InterruptedException {
    while (true) {
      try {
        return attempt(privateKey, patience(limit));
      } catch (JSchException e) {
        if (Instant.now().isAfter(limit)) {
          throw new NotLetIn(Reason.SILENT, name + ": " + e.getMessage(), e);
        }
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private Session attempt(byte[] privateKey, int patience) throws JSchException, NotLetIn {
    var session = session(privateKey);
    try {
      session.connect(patience);
      return session;
    } catch (JSchHostKeyException e) {
      var shown = session.getHostKey();
      throw new NotLetIn(
          Reason.OTHER_HOST_KEY,
          "%s: its host key is not the pinned one: it shows %s %s"
              .formatted(name, shown.getType(), shown.getFingerPrint(new JSch())),
          e);
    } catch (JSchAlgoNegoFailException e) {
      throw new NotLetIn(
          Reason.OTHER_HOST_KEY,
          "%s: no %s in common: here %s, there %s"
              .formatted(name, e.getAlgorithmName(), e.getJSchProposal(), e.getServerProposal()),
          e);
    } catch (JSchException e) {
      if (e.getMessage().startsWith(REFUSAL)) {
        throw new NotLetIn(Reason.REFUSED, "%s: user '%s' is not let in".formatted(name, user), e);
      }
      throw e;
    }
  }

  private Session session(byte[] privateKey) throws JSchException, NotLetIn {
    var pinned = pinned();
    var jsch = new JSch();
    jsch.addIdentity(user, privateKey, null, null);
    jsch.getHostKeyRepository().add(pinned, null);
    var session = jsch.getSession(user, address, port);
    session.setHostKeyAlias(name);
    session.setConfig("StrictHostKeyChecking", "yes");
    session.setConfig("PreferredAuthentications", "publickey");
    session.setConfig("server_host_key", pinned.getType());
    session.setDaemonThread(true);
    return session;
  }

  private HostKey pinned() throws NotLetIn {
    try {
      var text = hostKey.substring(hostKey.indexOf(' ') + 1);
      return new HostKey(name, Base64.getDecoder().decode(text));
    } catch (JSchException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new NotLetIn(
          Reason.OTHER_HOST_KEY, "%s: its pinned host key is none: %s".formatted(name, hostKey), e);
    }
  }

  /** No attempt outlasts the limit. */
  private static int patience(Instant limit) {
    var left = Duration.between(Instant.now(), limit);
    var patience = left.compareTo(ATTEMPT) < 0 ? left : ATTEMPT;
    return (int) Math.max(patience.toMillis(), SHORTEST.toMillis());
  }
}
