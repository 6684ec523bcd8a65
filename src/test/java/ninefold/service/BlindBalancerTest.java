package ninefold.service;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests Keepalived's check whether to release the address: the real script against fakes. */
class BlindBalancerTest {
  private static final String LEADER = "HTTP/1.0 200 OK\r\n\r\n";
  private static final String NO_LEADER = "HTTP/1.0 503 Service Unavailable\r\n\r\n";

  /** The answer of a PgBouncer behind the peer, and that of a balancer without a server. */
  private static final String POOL = "N";

  private static final String CLOSED = "";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @Test
  void address_stays_ifThisBalancerReachesTheLeader() throws IOException {
    assertThat(check(LEADER, POOL)).isZero();
  }

  @Test
  void address_isReleased_ifOnlyThePeerReachesTheLeader() throws IOException {
    assertThat(check(NO_LEADER, POOL)).isOne();
  }

  @Test
  void address_stays_ifThePeerDoesNotReachTheLeaderEither() throws IOException {
    assertThat(check(NO_LEADER, CLOSED)).isZero();
  }

  @Test
  void address_stays_withoutAPeer() throws IOException {
    try (var own = server(NO_LEADER)) {
      assertThat(run(own.getLocalPort(), 1)).isZero();
    }
  }

  @Test
  void address_stays_ifThePeerIsDown() throws IOException {
    var peer = server(POOL);
    peer.close();
    try (var own = server(NO_LEADER)) {
      assertThat(run(own.getLocalPort(), peer.getLocalPort(), "127.0.0.1")).isZero();
    }
  }

  private int check(String own, String peer) throws IOException {
    try (var haproxy = server(own);
        var other = server(peer)) {
      return run(haproxy.getLocalPort(), other.getLocalPort(), "127.0.0.1");
    }
  }

  private int run(int own, int clients, String... peers) {
    for (var script : List.of("keepalived/haproxy-reaches-leader", "pgbouncer/pgbouncer-answers")) {
      TestProcess.script(
          machine, script.substring(script.indexOf('/') + 1), Template.script(script));
    }
    var command =
        new ArrayList<>(
            List.of(
                machine.resolve("lib/haproxy-reaches-leader").toString(),
                String.valueOf(own),
                String.valueOf(clients),
                "20"));
    command.addAll(List.of(peers));
    return TestProcess.run(command, "", Map.of()).status();
  }

  /** A server with a fixed answer. */
  private static ServerSocket server(String answer) throws IOException {
    var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    var thread = new Thread(() -> serve(server, answer), "stand-in");
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private static void serve(ServerSocket server, String answer) {
    while (!server.isClosed()) {
      try (var client = server.accept()) {
        var asked = client.getInputStream().read(new byte[100]);
        if (asked > 0) {
          client.getOutputStream().write(answer.getBytes(ISO_8859_1));
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
