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

/** Every form in which the outputs name a database, used by a client of its kind. */
@Tag("hive")
final class ClientUrlsTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final JsonNode TOLD = told();
  private static final JsonNode DATABASE = TOLD.at("/databases/0");
  private static final String WHERE = "SELECT pg_is_in_recovery()";

  @BeforeEach
  void isHealthy() {
    CLUSTER.awaitHealthy();
  }

  @Test
  void jdbcUrls_leadToTheLeader_readOnlyOnesToAReplica() throws SQLException {
    for (var url : List.of("jdbcUrl", "balancersJdbcUrl", "multiHostJdbcUrl")) {
      assertThat(inRecovery(url)).as(url).isEqualTo("f");
    }
    assertThat(inRecovery("readOnlyJdbcUrl")).isEqualTo("t");
  }

  @Test
  void libpqUrisAndServices_leadToTheLeader_readOnlyOnesToAReplica() {
    for (var uri : List.of("uri", "balancersUri", "multiHostUri")) {
      assertThat(psql(DATABASE.get(uri).asText())).as(uri).isEqualTo("f");
    }
    assertThat(psql(DATABASE.get("readOnlyUri").asText())).isEqualTo("t");
    assertThat(psql("service=app")).isEqualTo("f");
    assertThat(psql("service=app-read-only")).isEqualTo("t");
  }

  /**
   * PgBouncer repeats what PostgreSQL said at its first login. Each node has served readers, so
   * each pool knows of a replica, until its node leads.
   */
  @Test
  void urlsOfSeveralHosts_findALeaderThatServedReadersBefore() throws SQLException {
    for (var node : CLUSTER.replicas()) {
      try (var reader = reader(node)) {
        assertThat(one(reader)).isEqualTo("t");
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
  void urlsOverBothBalancers_needOneOfThem() throws SQLException {
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
        url + " leads to the leader",
        // The driver keeps what it knows of a host for ten seconds.
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
    var here = OUTPUTS.jdbcProperties().getProperty("sslrootcert");
    var told = DATABASE.get(url).asText().replace("=authority.crt", "=" + here);
    try (var connection = DriverManager.getConnection(told, OUTPUTS.jdbcProperties())) {
      return one(connection);
    }
  }

  private static String one(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(WHERE)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** By the psql of a machine of the lab, in a folder with the two files that a client is given. */
  private static String psql(String connection) {
    var script = new ArrayList<String>();
    script.add("folder=$(mktemp -d); trap 'rm -rf \"$folder\"' EXIT; cd \"$folder\"");
    script.add(
        "cat >authority.crt <<'PEM'\n" + TOLD.get("authorityCertificate").asText() + "\nPEM");
    script.add("cat >services <<'SERVICES'\n" + TOLD.get("pgServiceConf").asText() + "\nSERVICES");
    script.add("export PGSERVICEFILE=$folder/services");
    script.add("export PGPASSWORD='" + TOLD.at("/passwords/" + OUTPUTS.user()).asText() + "'");
    script.add("timeout 20 psql -XAtq -v ON_ERROR_STOP=1 -c '" + WHERE + "' '" + connection + "'");
    return LAB.ssh(CLUSTER.databases().get(0), String.join("\n", script));
  }

  private static JsonNode told() {
    try {
      return new ObjectMapper().readTree(LAB.outputs());
    } catch (JsonProcessingException e) {
      throw new LabFailure("the stack's outputs are no JSON: " + e.getMessage());
    }
  }
}
