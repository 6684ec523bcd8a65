package ninefold.urn;

import java.io.IOException;
import java.security.KeyPair;
import ninefold.HostKeys;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.pubkey.AcceptAllPublickeyAuthenticator;
import org.apache.sshd.server.command.AbstractCommandSupport;

/**
 * An ssh server that takes the place of all machines, at all addresses of their network. It accepts
 * every login and every step, does nothing, and reports success.
 */
final class IdleMachines implements AutoCloseable {
  private static final int PORT = 22;

  private final KeyPair hostKey = HostKeys.make();
  private final SshServer server = SshServer.setUpDefaultServer();

  IdleMachines() throws IOException {
    server.setPort(PORT);
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
    server.setPublickeyAuthenticator(AcceptAllPublickeyAuthenticator.INSTANCE);
    server.setCommandFactory((channel, command) -> new Step(command));
    server.start();
  }

  /** Returns the host key of every machine, as {@code TYPE KEY}. */
  String hostKey() {
    return PublicKeyEntry.toString(hostKey.getPublic());
  }

  @Override
  public void close() throws IOException {
    server.stop(true);
  }

  /** Reads the whole input, as a script does; that of a login check never ends. */
  private static final class Step extends AbstractCommandSupport {
    Step(String command) {
      super(command, null);
    }

    @Override
    public void run() {
      try {
        if (!getCommand().endsWith(" true")) {
          getInputStream().readAllBytes();
        }
        onExit(0);
      } catch (IOException e) {
        onExit(1, e.toString());
      }
    }
  }
}
