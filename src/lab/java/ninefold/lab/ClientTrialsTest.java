package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Misbehaving clients and network faults that must not disturb other clients. */
@Tag("client-trials")
final class ClientTrialsTest extends FaultSuite {
  private static final int SILENT_CONNECTIONS = 1500;

  /** How long HAProxy may take to close silent connections, including those in its queue. */
  private static final Duration SILENT_CONNECTIONS_CLOSED_WITHIN = Duration.ofSeconds(60);

  private static final String REQUEST_TLS =
      """
      python3 - %s %s <<'PYTHON'
      import socket, struct, sys
      with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as connection:
          connection.settimeout(5)
          connection.sendall(struct.pack("!ii", 8, 80877103))
          print(connection.recv(1).decode())
      PYTHON
      """;

  /**
   * More connections than a port accepts are opened and send nothing. Other clients must still be
   * served, and HAProxy must close the silent connections.
   */
  @Test
  void silentConnections_areClosed_andBlockNoClient() throws IOException {
    var holder = CLUSTER.holder();
    var silent = new ArrayList<Socket>();
    try {
      for (int i = 0; i < SILENT_CONNECTIONS; i++) {
        open().ifPresent(silent::add);
      }
      assertThat(silent).as("connections that were accepted").hasSizeGreaterThan(10);
      assertThat(LAB.ssh("etcd1", REQUEST_TLS.formatted(OUTPUTS.virtualAddress(), port())))
          .as("the answer to a client on a different machine")
          .isEqualTo("S");
      Eventually.holds(
          "silent connections are closed",
          SILENT_CONNECTIONS_CLOSED_WITHIN,
          () ->
              silent.stream().allMatch(ClientTrialsTest::isClosed)
                  ? Optional.empty()
                  : Optional.of("some are open"));
    } finally {
      for (var socket : silent) {
        socket.close();
      }
    }
    assertThat(CLUSTER.holder()).isEqualTo(holder);
  }

  /**
   * The client pauses for longer than the timeout for a dead machine. It must not be treated as
   * one.
   */
  @Test
  void pausingClient_receivesEveryRow() throws Exception {
    var properties = OUTPUTS.jdbcProperties();
    properties.setProperty("socketTimeout", "120");
    int rows = 100_000;
    try (var connection =
        DriverManager.getConnection(OUTPUTS.jdbcUrl(OUTPUTS.readWrite()), properties)) {
      var copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut(
                  "COPY (SELECT repeat('x', 1000) FROM generate_series(1, "
                      + rows
                      + ")) TO STDOUT");
      int read = 0;
      for (var row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
        if (++read == 1) {
          // The pause itself is the test, so there is no condition to wait for.
          Eventually.pause(Duration.ofSeconds(45).toMillis());
        }
      }
      assertThat(read).isEqualTo(rows);
    }
  }

  /** The active balancer loses its network to all database nodes: the other one must take over. */
  @Test
  void balancerCutOffFromPools_releasesTheAddress() {
    var old = CLUSTER.holder();
    during(
        "balancer cut from the databases",
        client -> {
          LAB.cut(old, CLUSTER.databases());
          Eventually.holds(
              "the other balancer holds the virtual address",
              withSlack(30),
              () ->
                  CLUSTER.holders().contains(old)
                      ? Optional.of(old + " holds it")
                      : Optional.empty());
          client.awaitFlow(withSlack(30));
          LAB.heal();
        });
    assertThat(CLUSTER.holder()).isNotEqualTo(old);
  }

  /** A pause of 2.5 s is shorter than what the watch tolerates. */
  @Test
  void briefPauseOfPgBouncer_causesNoRestart() {
    var leader = CLUSTER.leader();
    var process = "systemctl show pgbouncer --property=MainPID --value";
    var before = LAB.ssh(leader, process);
    during(
        "PgBouncer stopped for 2.5 s",
        client ->
            LAB.ssh(
                leader,
                "systemctl kill --kill-whom=main --signal=STOP pgbouncer; sleep 2.5;"
                    + " systemctl kill --kill-whom=main --signal=CONT pgbouncer"));
    assertThat(LAB.ssh(leader, process)).isEqualTo(before);
    assertThat(CLUSTER.leader()).isEqualTo(leader);
  }

  /** If no PgBouncer answers, a switchover would help no client. */
  @Test
  void pgBouncerDownEverywhere_causesNoSwitchover() {
    var leader = CLUSTER.leader();
    var all = CLUSTER.databases();
    try {
      all.forEach(
          node ->
              LAB.ssh(
                  node, "chmod a-x /usr/sbin/pgbouncer; systemctl kill --signal=KILL pgbouncer"));
      var end = Instant.now().plus(patience(Target.PGBOUNCER_KEPT_DEAD));
      while (Instant.now().isBefore(end)) {
        assertThat(CLUSTER.leader()).isEqualTo(leader);
        Eventually.pause(1000);
      }
    } finally {
      all.forEach(
          node -> LAB.ssh(node, "chmod a+x /usr/sbin/pgbouncer; systemctl restart pgbouncer"));
    }
  }

  /** HAProxy's journal must contain the address of each client and the server of its session. */
  @Test
  void haproxyJournal_recordsClientAddresses() throws IOException {
    var holder = CLUSTER.holder();
    try (var socket = open().orElseThrow()) {
      socket.getOutputStream().write(new byte[] {0, 0, 0, 8, 4, (byte) 0xd2, 22, 47});
      assertThat(socket.getInputStream().read()).isEqualTo('S');
      var client = socket.getLocalAddress().getHostAddress() + ":" + socket.getLocalPort();
      Eventually.holds(
          "the session is in the journal",
          SLACK,
          () -> {
            var journal = LAB.ssh(holder, "journalctl -u haproxy -n 200 --output=cat --no-pager");
            return journal.contains(client + " opened a session to leader/" + CLUSTER.leader())
                ? Optional.empty()
                : Optional.of("no session of " + client);
          });
    }
  }

  private static int port() {
    return Integer.parseInt(OUTPUTS.readWrite().replaceFirst(".*:", ""));
  }

  /** A connection to the writers' port, unless it is refused. */
  private static Optional<Socket> open() {
    var socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(OUTPUTS.virtualAddress(), port()), 2000);
      socket.setSoTimeout(5000);
      return Optional.of(socket);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean isClosed(Socket socket) {
    try {
      socket.setSoTimeout(1);
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
