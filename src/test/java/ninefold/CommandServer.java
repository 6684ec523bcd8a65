package ninefold;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.command.AbstractCommandSupport;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;

/** A real ssh server on loopback that accepts one key and answers commands as a test defines. */
public final class CommandServer implements AutoCloseable, SessionListener {
  private final SshServer server = SshServer.setUpDefaultServer();
  private final java.security.KeyPair hostKey = HostKeys.make();
  private final List<String> commands = new CopyOnWriteArrayList<>();
  private final List<String> logins = new CopyOnWriteArrayList<>();

  /**
   * The result of a command.
   *
   * @param status its exit status; if negative, the connection breaks instead
   * @param output its standard output
   * @param errors its standard error
   */
  public record Reply(int status, String output, String errors) {
    /** The result of a command that hangs. */
    public static final Reply NOTHING = new Reply(Integer.MAX_VALUE, "", "");
  }

  /** Starts a server that accepts this key. */
  public CommandServer(SshKey key, Function<String, Reply> answers) {
    server.setHost("127.0.0.1");
    server.setPort(0);
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
    server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
    server.setPublickeyAuthenticator(
        (user, shown, session) -> PublicKeyEntry.toString(shown).equals(key.publicText()));
    server.setCommandFactory((channel, command) -> new Answer(command, answers));
    server.addSessionListener(this);
    try {
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the server's port. */
  public int port() {
    return server.getPort();
  }

  /** Returns the public host key, as {@code TYPE KEY}. */
  public String hostKey() {
    return PublicKeyEntry.toString(hostKey.getPublic());
  }

  /** Returns the commands so far, in order. */
  public List<String> commands() {
    return commands;
  }

  /** Returns the users who logged in, in order. */
  public List<String> logins() {
    return logins;
  }

  /** Closes every connection. */
  public void hangUp() {
    server.getActiveSessions().forEach(session -> session.close(true));
  }

  @Override
  public void sessionEvent(Session session, Event event) {
    if (event == Event.Authenticated) {
      logins.add(session.getUsername());
    }
  }

  @Override
  public void close() {
    try {
      server.stop(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Answer extends AbstractCommandSupport {
    private final Function<String, Reply> answers;

    Answer(String command, Function<String, Reply> answers) {
      super(command, null);
      this.answers = answers;
    }

    @Override
    public void run() {
      commands.add(getCommand());
      var result = answers.apply(getCommand());
      try {
        getOutputStream().write(result.output().getBytes(UTF_8));
        getOutputStream().flush();
        getErrorStream().write(result.errors().getBytes(UTF_8));
        getErrorStream().flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (result.status() < 0) {
        getServerSession().close(true);
      } else if (result.status() != Integer.MAX_VALUE) {
        onExit(result.status());
      }
    }
  }
}
