package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The commands of docs/operations/restore-table.md: a row, a table and a database return from a
 * copy beside the cluster.
 */
@Tag("copy")
final class CopyTest extends ChangeSuite {
  private static final int DONE = 0;
  private static final int REFUSED = 4;
  private static final String COPY = "/var/lib/postgresql/ninefold-copy";
  private static final String DIGEST =
      "SELECT count(*) || ' ' || md5(string_agg(o::text, ',' ORDER BY id)) FROM orders o";

  private final StackOutputs outputs = StackOutputs.of(LAB);
  private final LiveCluster cluster = new LiveCluster(LAB, outputs);

  @BeforeEach
  void awaitHealthyCluster() {
    cluster.awaitHealthy();
  }

  @AfterEach
  void removeWhatTestsLeave() {
    OperatorCommand.run("copy", "--remove").ended(DONE);
    owner("app", "app", "DROP TABLE IF EXISTS orders, items CASCADE");
  }

  /** A client writes to a different table meanwhile, and loses nothing. */
  @Test
  void droppedTable_returnsWithTheRowsOfTheSecondBefore() {
    createOrders();
    var before = LAB.ssh(cluster.leader(), "sleep 1; date -u +%Y-%m-%dT%H:%M:%S.%NZ");
    var digest = owner("app", "app", DIGEST);
    owner("app", "app", "SELECT pg_sleep(1)");
    owner("app", "app", "UPDATE orders SET what = 'later'; DROP TABLE orders CASCADE");

    var report =
        FaultSuite.during(
            cluster,
            outputs,
            WritingClient.LOW_RATE,
            "restore of a table",
            client -> {
              var output =
                  OperatorCommand.run(
                          "restore", "--table", "app:public.orders", "--to", before, "--yes")
                      .ended(DONE)
                      .output();
              assertThat(output)
                  .contains("loaded \"public\".\"orders\": 1000 rows")
                  .contains("ALTER TABLE items ADD CONSTRAINT items_id_fkey");
            });

    assertThat(owner("app", "app", DIGEST)).isEqualTo(digest);
    assertThat(report.longestGap()).isLessThan(Duration.ofSeconds(5));
    assertThat(leftOn(cluster.leader())).isEmpty();
    assertThat(
            OperatorCommand.run("restore", "--table", "app:public.orders", "--to", before, "--yes")
                .ended(REFUSED)
                .output())
        .contains("already has public.orders", "SET SCHEMA before_restore");
  }

  @Test
  void droppedDatabase_isCreatedAgainWithItsContent() {
    owner(
        "metastore", "hive", "CREATE SCHEMA s CREATE TABLE orders (id int PRIMARY KEY, what text)");
    try {
      owner(
          "metastore",
          "hive",
          "INSERT INTO s.orders SELECT n, 'x' || n FROM generate_series(1, 500) n");
      var digest = owner("metastore", "hive", DIGEST.replace("orders", "s.orders"));
      var before = LAB.ssh(cluster.leader(), "sleep 1; date -u +%Y-%m-%dT%H:%M:%SZ; sleep 1");
      assertThat(
              OperatorCommand.run("restore", "--database", "metastore", "--to", before, "--yes")
                  .ended(REFUSED)
                  .output())
          .contains("is not empty");
      cluster.sql(cluster.leader(), "postgres", "DROP DATABASE metastore WITH (FORCE)");

      OperatorCommand.run("restore", "--database", "metastore", "--to", before, "--yes")
          .ended(DONE);

      assertThat(owner("metastore", "hive", DIGEST.replace("orders", "s.orders")))
          .isEqualTo(digest);
      assertThat(
              cluster.sql(
                  cluster.leader(),
                  "postgres",
                  "SELECT datdba::regrole, has_database_privilege('app', 'metastore', 'CONNECT')"
                      + " FROM pg_database WHERE datname = 'metastore'"))
          .isEqualTo("hive|f");
    } finally {
      owner("metastore", "hive", "DROP SCHEMA s CASCADE");
    }
  }

  /** The commands of docs/operations/restore-table.md for rows. */
  @Test
  void copyThatIsLeftRunning_givesBackRows_untilItIsRemoved() {
    createOrders();
    var leader = cluster.leader();
    var before = LAB.ssh(leader, "sleep 1; date -u +%Y-%m-%dT%H:%M:%SZ; sleep 1");
    var digest = owner("app", "app", DIGEST);
    owner("app", "app", "DELETE FROM orders WHERE id <= 100");

    var output =
        OperatorCommand.run("copy", "--to", before, "--node", leader, "--port", "5600")
            .ended(DONE)
            .output();
    assertThat(output).contains("sudo -u postgres psql -h " + COPY + " -p 5600 -U app -d app");
    assertThat(
            OperatorCommand.run("copy", "--to", before, "--node", leader).ended(REFUSED).output())
        .contains("already has a copy", "./ninefold copy --remove --node " + leader);
    assertThat(LAB.ssh(leader, "ss -Hltn")).doesNotContain(":5600");
    LAB.ssh(
        leader,
        """
        cd /
        sudo -u postgres psql -U app -d app -c 'CREATE TABLE orders_before (LIKE orders)'
        sudo -u postgres sh -c 'psql -X -h /var/lib/postgresql/ninefold-copy -p 5600 -U app -d app -c "COPY (SELECT * FROM orders WHERE id <= 100) TO STDOUT" |
          psql -X -U app -d app -c "COPY orders_before FROM STDIN"'
        sudo -u postgres psql -U app -d app -c 'INSERT INTO orders SELECT * FROM orders_before ON CONFLICT DO NOTHING'
        sudo -u postgres psql -U app -d app -c 'DROP TABLE orders_before'
        """);

    assertThat(owner("app", "app", DIGEST)).isEqualTo(digest);
    OperatorCommand.run("copy", "--remove", "--node", leader).ended(DONE);
    assertThat(leftOn(leader)).isEmpty();
    assertThat(LAB.ssh(leader, "systemctl is-active ninefold-copy || true")).isEqualTo("inactive");
  }

  private void createOrders() {
    owner("app", "app", "CREATE TABLE orders (id int PRIMARY KEY, what text)");
    owner("app", "app", "INSERT INTO orders SELECT n, 'x' || n FROM generate_series(1, 1000) n");
    owner("app", "app", "CREATE TABLE items (id int REFERENCES orders)");
  }

  private String owner(String database, String owner, String sql) {
    return LAB.ssh(
        cluster.leader(),
        "cd /; runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -U %s -d %s <<'SQL'\n%s\nSQL\n"
            .formatted(owner, database, sql));
  }

  private static String leftOn(String node) {
    return LAB.ssh(node, "ls -d " + COPY + " 2>/dev/null || true");
  }
}
