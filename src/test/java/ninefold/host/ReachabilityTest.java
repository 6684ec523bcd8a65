package ninefold.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import ninefold.Descriptions;
import ninefold.cluster.Access;
import ninefold.cluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who answers as an ssh server, over loopback. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReachabilityTest {
  /** Seconds; the shortest that there is, so that a test of what never comes is short. */
  private static final int LIMIT = 1;

  private static final String BANNER = "SSH-2.0-OpenSSH_10.0\r\n";

  @Test
  void anSshServerIsReachable() throws IOException {
    try (var server = new Server(BANNER)) {
      Reachability.require(access(server.port(), 60), nodes());

      assertThat(server.asked()).as("each node is asked").hasSize(nodes().size());
    }
  }

  @Test
  void behindAJumpHostItAloneIsAsked() throws IOException {
    try (var jump = new Server(BANNER)) {
      var behind =
          new Access(
              "admin",
              closedPort(),
              true,
              Optional.of(new Access.Jump("127.0.0.1", jump.port(), "admin", "ssh-ed25519 AAAA")),
              60,
              60);

      Reachability.require(behind, nodes());

      assertThat(jump.asked()).hasSize(1);
    }
  }

  @Test
  void aServerThatComesWithinTheLimitIsReachable() throws Exception {
    var port = closedPort();
    var waiting = new Thread(() -> Reachability.require(access(port, 50), nodes()), "waiting");
    var failures = new CopyOnWriteArrayList<Throwable>();
    waiting.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
    waiting.start();
    try (var server = new Server(BANNER, port)) {
      waiting.join();

      assertThat(server.asked()).hasSize(nodes().size());
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void aClosedPortIsNamedWithItsNodeAndTheLimit() throws IOException {
    var port = closedPort();

    assertThatThrownBy(() -> Reachability.require(access(port, LIMIT), nodes()))
        .isInstanceOf(UnreachableHosts.class)
        .hasMessageContaining("within %d s (access.connectLimit)".formatted(LIMIT))
        .hasMessageContaining("node a (127.0.0.1:%d): Connection refused".formatted(port))
        .hasMessageContaining("node d (127.0.0.1:%d)".formatted(port))
        .hasMessageContaining("Is the machine on?");
  }

  @Test
  void whatIsNoSshServerIsNamed() throws IOException {
    try (var server = new Server("220 mail.example.net\r\n")) {
      assertThatThrownBy(() -> Reachability.require(access(server.port(), LIMIT), nodes()))
          .isInstanceOf(UnreachableHosts.class)
          .hasMessageContaining("what answers there is no ssh server");
    }
  }

  /** It accepts connections, as a hung machine's kernel does. */
  @Test
  void aServerThatSaysNothingIsNamed() throws IOException {
    try (var server = new Server("")) {
      assertThatThrownBy(() -> Reachability.require(access(server.port(), LIMIT), nodes()))
          .isInstanceOf(UnreachableHosts.class)
          .hasMessageContaining("node b (127.0.0.1:%d): Read timed out".formatted(server.port()));
    }
  }

  private static Access access(int port, int limit) {
    return new Access("admin", port, true, Optional.empty(), limit, 60);
  }

  /** Four, all of whose ssh servers are on this machine. */
  private static List<Node> nodes() {
    return Descriptions.cluster(
            """
            name: local
            network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
            machines: {kind: given}
            nodes:
              - {name: a, address: 10.0.0.1, sshAddress: 127.0.0.1, roles: [postgres, etcd, balancer]}
              - {name: b, address: 10.0.0.2, sshAddress: 127.0.0.1, roles: [postgres, etcd, balancer]}
              - {name: c, address: 10.0.0.3, sshAddress: 127.0.0.1, roles: [postgres, etcd]}
              - {name: d, address: 10.0.0.4, sshAddress: 127.0.0.1, roles: [repository]}
            """)
        .nodes();
  }

  private static int closedPort() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return server.getLocalPort();
    }
  }

  /** Says its words to everyone who connects, and keeps the connection open. */
  private static final class Server implements AutoCloseable {
    private final ServerSocket server;
    private final String words;
    private final List<Socket> asked = new CopyOnWriteArrayList<>();

    Server(String words) throws IOException {
      this(words, 0);
    }

    Server(String words, int port) throws IOException {
      this.server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
      this.words = words;
      var thread = new Thread(this::serve, "server");
      thread.setDaemon(true);
      thread.start();
    }

    int port() {
      return server.getLocalPort();
    }

    List<Socket> asked() {
      return asked;
    }

    private void serve() {
      while (!server.isClosed()) {
        try {
          var client = server.accept();
          asked.add(client);
          client.getOutputStream().write(words.getBytes(US_ASCII));
        } catch (IOException e) {
          if (!server.isClosed()) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (var client : asked) {
        client.close();
      }
    }
  }
}
