package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A step must succeed only once the service runs with the change. If a service refuses a change, it
 * must continue with the old configuration, and the step must fail. The tests depend on their
 * order; the last one restores the lab's own description.
 */
@Tag("status")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ProvenStepsTest extends ChangeSuite {
  private static final int DONE = 0;

  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);

  private static final String SQUATTER =
      "systemd-run -q --unit=squatter python3 -c 'import socket, time; s = socket.socket(); %s;"
          + " time.sleep(600)'";

  private static final String READ_ONLY_PORT = "\nbalancing: {readOnlyPort: 5003}\n";

  /** Parameters of type text, which only PostgreSQL can validate. */
  private static final String WRONG_PARAMETERS =
      """

      postgresql:
        parameters: {timezone_abbreviations: Nowhere, log_destination: paper}
      """;

  private final LiveCluster cluster = new LiveCluster(LAB, OUTPUTS);

  /**
   * The state file of a running HAProxy contains the old port, which must not override the
   * configuration.
   */
  @Test
  @Order(1)
  void changedPoolPort_isUsedByBalancers() throws SQLException {
    cluster.awaitHealthy();
    var changed = description("pool-port", text -> text + "\npooling: {port: 6433}\n");

    timed(
        "up with another port of the pools", PulumiRun.up().describedBy(changed).run().succeeded());

    try (var connection =
            DriverManager.getConnection(
                OUTPUTS.jdbcUrl(OUTPUTS.readWrite()), OUTPUTS.jdbcProperties());
        var statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
    assertThat(LAB.ssh("postgres1", "ss -Hltn 'sport = :6433'")).isNotBlank();
  }

  /** The preflight must see that another program listens on the new port. */
  @Test
  @Order(2)
  void portInUse_isRefused_beforeAnyChange() {
    LAB.ssh("haproxy2", SQUATTER.formatted("s.bind((\"0.0.0.0\", 5003)); s.listen()"));
    var before = Footprint.of(LAB, NODES);
    try {
      assertThat(refused("taken-port", READ_ONLY_PORT).output())
          .contains("haproxy2/scripts", "port 5003, which HAProxy (read-only) needs, is in use");
      assertThat(before.restarted(Footprint.of(LAB, NODES))).isEmpty();
    } finally {
      LAB.ssh("haproxy2", "systemctl stop squatter");
    }
  }

  /**
   * A port that is bound without a listener is not visible to the preflight, so only HAProxy can
   * refuse it.
   */
  @Test
  @Order(3)
  void refusedHaproxyReload_keepsTheOldConfiguration() {
    LAB.ssh("haproxy1", SQUATTER.formatted("s.bind((\"0.0.0.0\", 5003))"));
    var configuration = LAB.ssh("haproxy1", "cat /etc/haproxy/haproxy.cfg");
    try {
      assertThat(refused("bound-port", READ_ONLY_PORT).output())
          .contains(
              "haproxy1/haproxy", "refused the new configuration, and continues with the old");
      assertThat(LAB.ssh("haproxy1", "cat /etc/haproxy/haproxy.cfg")).isEqualTo(configuration);
      assertThat(LAB.ssh("haproxy1", "ss -Hltn 'sport = :5001'")).isNotBlank();
      assertThat(LAB.ssh("haproxy1", "ls /var/lib/ninefold/tried")).doesNotContain("haproxy");
    } finally {
      LAB.ssh("haproxy1", "systemctl stop squatter");
    }
  }

  /**
   * Patroni passes the parameters on. PostgreSQL only logs that it applies the other ones, so the
   * step must compare the values.
   */
  @Test
  @Order(4)
  void refusedParameters_areReported_andOldValuesStay() {
    var settings = "SHOW timezone_abbreviations; SHOW log_destination";
    var before = cluster.sql(cluster.leader(), "postgres", settings);

    assertThat(refused("wrong-texts", WRONG_PARAMETERS).output())
        .contains("postgres1/configuration", "did not get these parameters")
        .contains("timezone_abbreviations: Nowhere", "log_destination: paper");

    assertThat(cluster.sql(cluster.leader(), "postgres", settings)).isEqualTo(before);
    timed("up: the lab's own description", PulumiRun.up().run().succeeded());
    cluster.awaitHealthy();
  }

  /**
   * On a paused cluster a change without a restart must succeed. A change that needs a restart must
   * be refused.
   */
  @Test
  @Order(5)
  void pausedCluster_refusesRestarts_andStaysPaused() {
    OperatorCommand.run("pause", "--yes").ended(DONE);
    try {
      var harmless =
          description(
              "paused",
              text -> text + "\npostgresql: {parameters: {log_min_duration_statement: 7s}}\n");
      timed("up while paused", PulumiRun.up().describedBy(harmless).run().succeeded());
      assertThat(cluster.sql(cluster.leader(), "postgres", "SHOW log_min_duration_statement"))
          .isEqualTo("7s");

      var before = Footprint.of(LAB, NODES);
      assertThat(
              refused(
                      "more-locks",
                      "\npostgresql: {parameters: {max_locks_per_transaction: '128'}}\n")
                  .output())
          .contains("postgres1/configuration", "the cluster is paused, and PostgreSQL on")
          .contains("must be restarted for this change", "./ninefold resume");
      assertThat(before.restarted(Footprint.of(LAB, NODES))).isEmpty();
      assertThat(LAB.ssh("postgres1", "patronictl -c /etc/patroni/config.d show-config"))
          .contains("pause: true");
    } finally {
      OperatorCommand.run("resume", "--yes").ended(DONE);
    }
    timed("up: the lab's own description, no longer paused", PulumiRun.up().run().succeeded());
    cluster.awaitHealthy();
  }

  private static PulumiRun refused(String name, String more) {
    var changed = description(name, text -> text + more);
    return timed("up with " + name, PulumiRun.up().describedBy(changed).run().failed());
  }
}
