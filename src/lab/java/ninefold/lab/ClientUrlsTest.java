package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every form of connection string in the outputs, used by a client of its kind. */
@Tag("hive")
final class ClientUrlsTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final JsonNode STACK_OUTPUTS = readOutputs();
  private static final JsonNode DATABASE = STACK_OUTPUTS.at("/databases/0");
  private static final String IN_RECOVERY_QUERY = "SELECT pg_is_in_recovery()";

  @BeforeEach
  void awaitHealthyCluster() {
    CLUSTER.awaitHealthy();
  }

  @Test
  void jdbcUrls_reachTheLeader_readOnlyUrlsAReplica() throws SQLException {
    for (var url : List.of("jdbcUrl", "balancersJdbcUrl", "multiHostJdbcUrl")) {
      assertThat(inRecovery(url)).as(url).isEqualTo("f");
    }
    assertThat(inRecovery("readOnlyJdbcUrl")).isEqualTo("t");
  }

  @Test
  void libpqUrisAndServices_reachTheLeader_readOnlyOnesAReplica() {
    for (var uri : List.of("uri", "balancersUri", "multiHostUri")) {
      assertThat(psql(DATABASE.get(uri).asText())).as(uri).isEqualTo("f");
    }
    assertThat(psql(DATABASE.get("readOnlyUri").asText())).isEqualTo("t");
    assertThat(psql("service=app")).isEqualTo("f");
    assertThat(psql("service=app-read-only")).isEqualTo("t");
  }

  /**
   * PgBouncer caches the parameters of its first login to PostgreSQL. Each pool has served readers
   * from a replica; after a switchover, the new leader's pool must no longer report a replica.
   */
  @Test
  void multiHostUrls_findTheLeaderAfterASwitchover() throws SQLException {
    for (var node : CLUSTER.replicas()) {
      try (var reader = reader(node)) {
        assertThat(queryInRecovery(reader)).isEqualTo("t");
      }
    }
    var old = CLUSTER.leader();
    CLUSTER.switchover();
    CLUSTER.awaitHealthy();
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
    awaitLeaderBy("multiHostJdbcUrl");
    assertThat(psql(DATABASE.get("multiHostUri").asText())).isEqualTo("f");
  }

  @Test
  void balancerUrls_workWithOneBalancer() throws SQLException {
    for (var balancer : CLUSTER.balancers()) {
      LAB.powerOff(balancer);
      try {
        awaitLeaderBy("balancersJdbcUrl");
        assertThat(psql(DATABASE.get("balancersUri").asText()))
            .as("without " + balancer)
            .isEqualTo("f");
      } finally {
        LAB.powerOn(balancer);
      }
      CLUSTER.awaitHealthy();
    }
  }

  private static Connection reader(String node) throws SQLException {
    return DriverManager.getConnection(
        OUTPUTS.jdbcUrl(OUTPUTS.address(node) + ":6432"), OUTPUTS.jdbcProperties());
  }

  private static void awaitLeaderBy(String url) {
    Eventually.holds(
        url + " reaches the leader",
        // The driver caches the state of a host for 10 s.
        Duration.ofSeconds(20),
        () -> {
          try {
            var found = inRecovery(url);
            return found.equals("f") ? Optional.empty() : Optional.of("in recovery: " + found);
          } catch (SQLException e) {
            return Optional.of(e.toString());
          }
        });
  }

  private static String inRecovery(String url) throws SQLException {
    var caFile = OUTPUTS.jdbcProperties().getProperty("sslrootcert");
    var address = DATABASE.get(url).asText().replace("=authority.crt", "=" + caFile);
    try (var connection = DriverManager.getConnection(address, OUTPUTS.jdbcProperties())) {
      return queryInRecovery(connection);
    }
  }

  private static String queryInRecovery(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(IN_RECOVERY_QUERY)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** Runs psql on a machine of the lab, in a folder with the two files that a client gets. */
  private static String psql(String connection) {
    var script = new ArrayList<String>();
    script.add("folder=$(mktemp -d); trap 'rm -rf \"$folder\"' EXIT; cd \"$folder\"");
    script.add(
        "cat >authority.crt <<'PEM'\n"
            + STACK_OUTPUTS.get("authorityCertificate").asText()
            + "\nPEM");
    script.add(
        "cat >services <<'SERVICES'\n"
            + STACK_OUTPUTS.get("pgServiceConf").asText()
            + "\nSERVICES");
    script.add("export PGSERVICEFILE=$folder/services");
    script.add(
        "export PGPASSWORD='" + STACK_OUTPUTS.at("/passwords/" + OUTPUTS.user()).asText() + "'");
    script.add(
        "timeout 20 psql -XAtq -v ON_ERROR_STOP=1 -c '"
            + IN_RECOVERY_QUERY
            + "' '"
            + connection
            + "'");
    return LAB.ssh(CLUSTER.databases().get(0), String.join("\n", script));
  }

  private static JsonNode readOutputs() {
    try {
      return new ObjectMapper().readTree(LAB.outputs());
    } catch (JsonProcessingException e) {
      throw new LabFailure("the stack's outputs are not JSON: " + e.getMessage());
    }
  }
}
