package ninefold.ssh;

import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import ninefold.ssh.LoginFailureException.Reason;

/** A machine and the session that stays open on it from one command to the next. */
final class RemoteMachine {
  /** Milliseconds between two signs of life, and how many may be missed. */
  private static final int SIGN_OF_LIFE = 10_000;

  private static final int MISSED = 3;

  private final SshServer server;
  private final byte[] privateKey;
  private final Duration connectTimeout;
  private volatile Optional<Session> session = Optional.empty();

  /**
   * One that is reached when it is needed.
   *
   * @param connectTimeout how long it is tried to log in, and how long each answer may take until
   *     then
   */
  RemoteMachine(SshServer server, byte[] privateKey, Duration connectTimeout) {
    this.server = server;
    this.privateKey = privateKey.clone();
    this.connectTimeout = connectTimeout;
  }

  /** What messages call it, with its address. */
  String name() {
    return server.name();
  }

  /** Runs a command; what is left of a session that broke is not used again. */
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

  /** The session, opened where there is none. */
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
      opened.setServerAliveInterval(SIGN_OF_LIFE);
    } catch (JSchException e) {
      opened.disconnect();
      throw new LoginFailureException(Reason.UNREACHABLE, name() + ": " + e.getMessage(), e);
    }
    opened.setServerAliveCountMax(MISSED);
    session = Optional.of(opened);
    return opened;
  }

  /** Ends the session, and with it what still runs in it. */
  void close() {
    session.ifPresent(Session::disconnect);
    session = Optional.empty();
  }

  /** Where a server is really reached. */
  interface Gateway {
    SshServer to(SshServer server) throws LoginFailureException;
  }
}
