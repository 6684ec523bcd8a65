package ninefold.lab;

import static java.util.Collections.frequency;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGStatement;

/** The service that a healthy cluster offers to applications. */
@Tag("faults")
class ServingTest extends FaultSuite {
  private static final String READ_ONLY_TRANSACTION = "25006";
  private static final int SESSIONS = 12;
  private static final String SERVER = "SELECT host(inet_server_addr())";

  @Test
  void replica_refusesWrites() throws SQLException {
    try (var writer = connect(OUTPUTS.readWrite());
        var reader = connect(OUTPUTS.readOnly())) {
      execute(writer, "CREATE TABLE IF NOT EXISTS lab_refused (id int)");
      CLUSTER.awaitReplay();
      assertThat(one(reader, "SELECT pg_is_in_recovery()")).isEqualTo("t");
      assertThatThrownBy(() -> execute(reader, "INSERT INTO lab_refused VALUES (1)"))
          .isInstanceOfSatisfying(
              SQLException.class,
              e -> assertThat(e.getSQLState()).isEqualTo(READ_ONLY_TRANSACTION));
      assertThat(one(writer, "SELECT count(*) FROM lab_refused")).isEqualTo("0");
    }
  }

  @Test
  void reads_areSpreadOverReplicas() {
    var replicas = CLUSTER.replicas().stream().map(OUTPUTS::address).collect(toSet());
    var servers = new ArrayList<String>();
    Eventually.holds(
        "reads reach both replicas, each often, and no other node",
        Duration.ofSeconds(10),
        () -> {
          servers.clear();
          servers.addAll(serversReached(SESSIONS));
          return Set.copyOf(servers).equals(replicas)
                  && replicas.stream()
                      .allMatch(replica -> frequency(servers, replica) >= SESSIONS / 4)
              ? Optional.empty()
              : Optional.of("reached " + servers);
        });
  }

  /** The read-only endpoint must then use the leader. */
  @Test
  void reads_reachTheLeader_whenAllReplicasAreDown() {
    var leader = CLUSTER.leader();
    var replicas = CLUSTER.replicas();
    try {
      // The synchronous replica waits for at most two rounds until the leader no longer needs it.
      replicas.forEach(node -> LAB.ssh(node, "systemctl stop --no-block patroni"));
      Eventually.holds(
          "reads reach the leader",
          withSlack(20 + 2 * (int) TIMINGS.patroni().loopWait().toSeconds()),
          () -> {
            var reached = serversReached(4);
            return reached.stream()
                    .collect(toSet())
                    .equals(java.util.Set.of(OUTPUTS.address(leader)))
                ? Optional.empty()
                : Optional.of("reached " + reached);
          });
    } finally {
      replicas.forEach(node -> LAB.ssh(node, "systemctl start patroni"));
    }
  }

  /**
   * Uses JDBC's server-prepared statements from the first execution, with three times as many
   * clients as the pool has connections.
   */
  @Test
  void serverPreparedStatements_workWithMoreClientsThanServerConnections() throws Exception {
    int pool = DESCRIPTION.pooling().poolSize();
    int clients = 3 * pool;
    var allConnected = new CyclicBarrier(clients);
    var threads = Executors.newFixedThreadPool(clients);
    try {
      var sessions = new ArrayList<Callable<Integer>>();
      for (int client = 0; client < clients; client++) {
        int seed = client;
        sessions.add(() -> preparedSession(seed, allConnected));
      }
      for (var session : threads.invokeAll(sessions)) {
        assertThat(session.get()).isEqualTo(30);
      }
    } catch (ExecutionException e) {
      throw new AssertionError("a client failed: " + e.getCause(), e.getCause());
    } finally {
      threads.shutdownNow();
    }
    var connections =
        CLUSTER.sql(
            CLUSTER.leader(),
            "postgres",
            "SELECT count(*) FROM pg_stat_activity WHERE usename = '" + OUTPUTS.user() + "'");
    assertThat(Integer.parseInt(connections)).isBetween(1, pool);
  }

  /** Executes three statements ten times each, and returns the number of correct answers. */
  private static int preparedSession(int seed, CyclicBarrier allConnected) throws Exception {
    var properties = OUTPUTS.jdbcProperties();
    properties.setProperty("prepareThreshold", "1");
    properties.setProperty("loginTimeout", "60");
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("socketTimeout", "30");
    int correct = 0;
    try (var connection =
            DriverManager.getConnection(OUTPUTS.jdbcUrl(OUTPUTS.readWrite()), properties);
        var sum = connection.prepareStatement("SELECT ? + ?::int");
        var text = connection.prepareStatement("SELECT ?::text || 'x'");
        var product = connection.prepareStatement("SELECT ?::int * " + (seed + 1))) {
      allConnected.await(90, TimeUnit.SECONDS);
      for (int i = 0; i < 10; i++) {
        sum.setInt(1, i);
        sum.setInt(2, seed);
        correct += answer(sum).equals(String.valueOf(i + seed)) ? 1 : 0;
        text.setString(1, "n" + i);
        correct += answer(text).equals("n" + i + "x") ? 1 : 0;
        product.setInt(1, i);
        correct += answer(product).equals(String.valueOf(i * (seed + 1))) ? 1 : 0;
      }
      assertThat(sum.unwrap(PGStatement.class).isUseServerPrepare()).isTrue();
    }
    return correct;
  }

  private static String answer(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** Opens a number of sessions at the same time, and returns the server of each. */
  private static List<String> serversReached(int sessions) {
    var connections = new ArrayList<Connection>();
    try {
      var servers = new ArrayList<String>();
      for (int i = 0; i < sessions; i++) {
        connections.add(connect(OUTPUTS.readOnly()));
        servers.add(one(connections.get(i), SERVER));
      }
      return servers;
    } catch (SQLException e) {
      return List.of(e.toString());
    } finally {
      connections.forEach(ServingTest::close);
    }
  }

  private static Connection connect(String endpoint) throws SQLException {
    return DriverManager.getConnection(OUTPUTS.jdbcUrl(endpoint), OUTPUTS.jdbcProperties());
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new LabFailure("a connection can't be closed: " + e);
    }
  }
}
