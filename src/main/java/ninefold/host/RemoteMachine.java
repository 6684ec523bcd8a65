package ninefold.host;

import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import ninefold.host.NotLetIn.Reason;

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
  Outcome run(RemoteCommand command, Gateway gateway) throws InterruptedException {
    try {
      return command.run(logIn(gateway), (int) connectTimeout.toMillis());
    } catch (NotLetIn e) {
      return new Outcome.Unreached(e.getMessage(), e.reason().remedy());
    } catch (IOException e) {
      close();
      return new Outcome.Unreached(name() + ": " + e.getMessage(), Reason.SILENT.remedy());
    }
  }

  /** The session, opened where there is none. */
  Session logIn(Gateway gateway) throws NotLetIn, InterruptedException {
    var open = session.filter(Session::isConnected);
    if (open.isPresent()) {
      return open.get();
    }
    var made =
        gateway
            .to(server)
            .logIn(privateKey, Instant.now().plus(connectTimeout), Patience.of(connectTimeout));
    try {
      made.setServerAliveInterval(SIGN_OF_LIFE);
    } catch (JSchException e) {
      made.disconnect();
      throw new NotLetIn(Reason.SILENT, name() + ": " + e.getMessage(), e);
    }
    made.setServerAliveCountMax(MISSED);
    session = Optional.of(made);
    return made;
  }

  /** Ends the session, and with it what still runs in it. */
  void close() {
    session.ifPresent(Session::disconnect);
    session = Optional.empty();
  }

  /** Where a server is really reached. */
  interface Gateway {
    SshServer to(SshServer server) throws NotLetIn;
  }
}
