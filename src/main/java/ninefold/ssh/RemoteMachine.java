package ninefold.ssh;

import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import ninefold.ssh.LoginFailureException.Reason;

/** A machine, and an ssh session on it that stays open between commands. */
final class RemoteMachine {
  /** The interval of keepalive messages, in milliseconds (OpenSSH's ServerAliveInterval). */
  private static final int ALIVE_INTERVAL = 10_000;

  /** Keepalives without an answer before the session counts as broken (ServerAliveCountMax). */
  private static final int ALIVE_COUNT = 3;

  private final SshServer server;
  private final byte[] privateKey;
  private final Duration connectTimeout;
  private volatile Optional<Session> session = Optional.empty();

  /**
   * Describes a machine. The first command logs in.
   *
   * @param connectTimeout how long to try to log in, and the timeout of each answer meanwhile
   */
  RemoteMachine(SshServer server, byte[] privateKey, Duration connectTimeout) {
    this.server = server;
    this.privateKey = privateKey.clone();
    this.connectTimeout = connectTimeout;
  }

  /** The machine's name in messages, with its address. */
  String name() {
    return server.name();
  }

  /** Runs a command. Closes a broken session, so that the next command opens a new one. */
  CommandOutcome run(RemoteCommand command, Gateway gateway) throws InterruptedException {
    try {
      return command.run(logIn(gateway), (int) connectTimeout.toMillis());
    } catch (LoginFailureException e) {
      return new CommandOutcome.Unreached(e.getMessage(), e.reason().remedy());
    } catch (IOException e) {
      close();
      return new CommandOutcome.Unreached(
          name() + ": " + e.getMessage(), Reason.UNREACHABLE.remedy());
    }
  }

  /** The open session, or a new one. */
  Session logIn(Gateway gateway) throws LoginFailureException, InterruptedException {
    var open = session.filter(Session::isConnected);
    if (open.isPresent()) {
      return open.get();
    }
    var opened =
        gateway
            .to(server)
            .logIn(
                privateKey, Instant.now().plus(connectTimeout), ResponseTimeout.of(connectTimeout));
    try {
      opened.setServerAliveInterval(ALIVE_INTERVAL);
    } catch (JSchException e) {
      opened.disconnect();
      throw new LoginFailureException(Reason.UNREACHABLE, name() + ": " + e.getMessage(), e);
    }
    opened.setServerAliveCountMax(ALIVE_COUNT);
    session = Optional.of(opened);
    return opened;
  }

  /** Closes the session, which also ends the commands that run in it. */
  void close() {
    session.ifPresent(Session::disconnect);
    session = Optional.empty();
  }

  /** Turns a server into the one to connect to, which may be a tunnel's local end. */
  interface Gateway {
    SshServer to(SshServer server) throws LoginFailureException;
  }
}
