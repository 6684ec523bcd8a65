package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A step says that it is done once the service runs with the change. Where a service refuses it,
 * the service goes on with what it had, and the step fails.
 */
@Tag("status")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ProvenStepsTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);

  private static final String SQUATTER =
      "systemd-run -q --unit=squatter python3 -c 'import socket, time; s = socket.socket(); %s;"
          + " time.sleep(600)'";

  private final LiveCluster cluster = new LiveCluster(LAB, OUTPUTS);

  @BeforeEach
  void isHealthy() {
    cluster.awaitHealthy();
  }

  /** A running HAProxy believes the states it was given more than its configuration. */
  @Test
  @Order(1)
  void anotherPoolsPort_isWhereTheBalancersSendClients() throws SQLException {
    var changed = description("pool-port", text -> text + "\npooling: {port: 6433}\n");

    told(
        "up with another port of the pools", PulumiRun.up().describedBy(changed).run().succeeded());

    try (var connection =
            DriverManager.getConnection(
                OUTPUTS.jdbcUrl(OUTPUTS.readWrite()), OUTPUTS.jdbcProperties());
        var statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
    assertThat(LAB.ssh("postgres1", "ss -Hltn 'sport = :6433'")).isNotBlank();
  }

  /**
   * Three refusals in one run: a port that another program listens on; one that is bound and not
   * listened on, which nobody sees but HAProxy; parameters that Patroni leaves out and tells its
   * log only.
   */
  @Test
  @Order(2)
  void whatAServiceRefuses_failsItsStep_andTheOldStateGoesOn() {
    LAB.ssh("haproxy1", SQUATTER.formatted("s.bind((\"0.0.0.0\", 5003))"));
    LAB.ssh("haproxy2", SQUATTER.formatted("s.bind((\"0.0.0.0\", 5003)); s.listen()"));
    var configuration = LAB.ssh("haproxy1", "cat /etc/haproxy/haproxy.cfg");
    var settings = "SHOW work_mem; SHOW deadlock_timeout";
    var before = cluster.sql(cluster.leader(), "postgres", settings);
    try {
      var run =
          told(
              "up that services refuse",
              PulumiRun.of(
                      "up",
                      "--yes",
                      "--skip-preview",
                      "--suppress-outputs",
                      "--color",
                      "never",
                      "--continue-on-error")
                  .describedBy(description("refused", ProvenStepsTest::wrong))
                  .run()
                  .failed());

      assertThat(run.said())
          .contains("haproxy2/scripts", "port 5003, which HAProxy (read-only) needs, is in use")
          .contains("haproxy1/haproxy", "refused the new configuration, and runs on with the old")
          .contains("postgres1/configuration", "did not get these parameters")
          .contains("work_mem: 64mb", "deadlock_timeout: 1 sec", "statement_timeot: 5s");
      assertThat(LAB.ssh("haproxy1", "cat /etc/haproxy/haproxy.cfg")).isEqualTo(configuration);
      assertThat(LAB.ssh("haproxy1", "ss -Hltn 'sport = :5001'")).isNotBlank();
      assertThat(LAB.ssh("haproxy1", "ls /var/lib/ninefold/tried")).doesNotContain("haproxy");
      assertThat(cluster.sql(cluster.leader(), "postgres", settings)).isEqualTo(before);
    } finally {
      LAB.ssh("haproxy1", "systemctl stop squatter");
      LAB.ssh("haproxy2", "systemctl stop squatter");
    }
    told("up as it was", PulumiRun.up().run().succeeded());
  }

  private static String wrong(String text) {
    return text
        + """

        balancing: {readOnlyPort: 5003}
        postgresql:
          parameters: {work_mem: 64mb, deadlock_timeout: 1 sec, statement_timeot: 5s}
        """;
  }
}
