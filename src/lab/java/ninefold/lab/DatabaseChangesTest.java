package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The life of a database, from its first line in the description to its deletion. The leader is not
 * the first node of the description. The tests depend on their order; the last one restores the
 * lab's own description.
 */
@Tag("hive")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DatabaseChangesTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final String APP = "  - {name: app, owner: app}\n";

  @BeforeEach
  void awaitHealthyCluster() {
    CLUSTER.awaitHealthy();
  }

  /** The step runs on the first node, but must create the databases on the leader. */
  @Test
  @Order(1)
  void newDatabase_isCreatedOnTheLeader() throws SQLException {
    if (CLUSTER.leader().equals(CLUSTER.databases().get(0))) {
      CLUSTER.switchover();
      CLUSTER.awaitHealthy();
    }
    up(
        "made",
        "  - {name: scratch, owner: clerk, pooling: session, poolSize: 3, connectionLimit: 9,"
            + " settings: {work_mem: 2222kB, lock_timeout: 7s}}\n"
            + "  - {name: latin, owner: clerk, encoding: LATIN1, locale: C, poolSize: 1,"
            + " connectionLimit: 9}\n");

    assertThat(
            sqlOnLeader(
                "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database"
                    + " WHERE datname = 'latin'"))
        .isEqualTo("LATIN1|C|C");

    try (var session = connect("clerk")) {
      assertThat(query(session, "SHOW work_mem")).isEqualTo("2222kB");
      assertThat(query(session, "SHOW lock_timeout")).isEqualTo("7s");
      try (var statement = session.createStatement()) {
        statement.execute("DROP TABLE IF EXISTS kept");
        statement.execute("CREATE TABLE kept (n int)");
        statement.execute("INSERT INTO kept VALUES (42)");
      }
    }
    assertThat(sqlOnLeader("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'clerk'"))
        .isEqualTo("9");
    // The pools of app (35), metastore (30) and latin (1) leave 234 of 300 connections.
    assertPools("session", 3, 234);
    assertThatThrownBy(() -> connect("app")).isInstanceOf(SQLException.class);
  }

  @Test
  @Order(2)
  void changedDatabase_getsItsOwnerAndSettings_andKeepsItsData() throws SQLException {
    sqlOnLeader("ALTER ROLE app CREATEDB CREATEROLE BYPASSRLS; ALTER ROLE monitor SUPERUSER");
    up(
        "changed",
        "  - {name: scratch, owner: bookkeeper, poolSize: 4, maxClients: 4,"
            + " connectionLimit: 7, extensions: [hstore, pageinspect, cube, earthdistance],"
            + " settings: {lock_timeout: 8s}}\n");

    assertPools("transaction", 4, 4);
    assertThat(
            sqlOnLeader(
                "SELECT rolname FROM pg_roles WHERE rolname IN ('app', 'monitor') AND (rolsuper"
                    + " OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)"))
        .as("rights that the description does not grant")
        .isEmpty();
    assertThat(sqlOnLeader("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'bookkeeper'"))
        .isEqualTo("7");

    try (var session = connect("bookkeeper")) {
      assertThat(query(session, "SELECT n FROM kept")).isEqualTo("42");
      assertThat(query(session, "SHOW lock_timeout")).isEqualTo("8s");
      assertThat(query(session, "SHOW work_mem")).isNotEqualTo("2222kB");
      assertThat(query(session, "SELECT ('a=>1'::hstore) -> 'a'")).isEqualTo("1");
      assertThat(
              query(
                  session,
                  "SELECT string_agg(extname || ' in ' || extnamespace::regnamespace || ' of ' ||"
                      + " extowner::regrole, ', ' ORDER BY extname) FROM pg_extension"
                      + " WHERE extname <> 'plpgsql'"))
          .isEqualTo(
              "cube in extensions of postgres, earthdistance in extensions of postgres,"
                  + " hstore in public of bookkeeper, pageinspect in extensions of postgres");
      try (var statement = session.createStatement()) {
        statement.execute("DROP TABLE kept");
      }
      assertAcceptsOnly(3);
    }
    assertThat(sqlOnLeader("SELECT has_database_privilege('clerk', 'scratch', 'CONNECT')"))
        .isEqualTo("f");
  }

  /** The encoding of an existing database cannot change. */
  @Test
  @Order(3)
  void changedEncoding_isRefused() {
    var changed =
        description(
            "scratch-latin1",
            text ->
                text.replace(
                    APP,
                    APP
                        + "  - {name: scratch, owner: bookkeeper, poolSize: 4, encoding: LATIN1,"
                        + " locale: C}\n"));
    assertThat(PulumiRun.up().describedBy(changed).run().failed().output())
        .contains("database scratch was created with encoding UTF8 and locale C.UTF-8");
  }

  /** A database that is removed from the description must refuse logins, but keep its data. */
  @Test
  @Order(4)
  void removedDatabase_refusesLogins_andIsKept() {
    timed("up: taken out", PulumiRun.up().run().succeeded());

    assertThatThrownBy(() -> connect("bookkeeper")).isInstanceOf(SQLException.class);
    assertThat(databases()).isEqualTo("scratch");
  }

  /**
   * A database that is removed from the description and listed under {@code drop} must be deleted.
   */
  @Test
  @Order(5)
  void droppedDatabase_isDeletedWithItsUsers() {
    var dropped =
        description(
            "scratch-dropped",
            text -> text + "\ndrop: {databases: [scratch, latin], users: [clerk, bookkeeper]}\n");
    timed("up: dropped", PulumiRun.up().describedBy(dropped).run().succeeded());

    assertThat(databases()).isEmpty();
    assertThat(sqlOnLeader("SELECT rolname FROM pg_roles WHERE rolname IN ('clerk', 'bookkeeper')"))
        .isEmpty();
    timed("up: the lab's own description", PulumiRun.up().run().succeeded());
  }

  private static void up(String name, String entry) {
    UnaryOperator<String> added = text -> text.replace(APP, APP + entry);
    timed(
        "up: scratch " + name,
        PulumiRun.up().describedBy(description("scratch-" + name, added)).run().succeeded());
  }

  /**
   * Requires that the pool accepts only this number of further connections, and reports why it
   * refuses the next one.
   */
  private static void assertAcceptsOnly(int more) throws SQLException {
    var open = new ArrayList<Connection>();
    try {
      for (int i = 0; i < more; i++) {
        open.add(connect("bookkeeper"));
      }
      assertThatThrownBy(() -> connect("bookkeeper"))
          .hasMessageContaining("max_db_client_connections");
    } finally {
      for (var connection : open) {
        connection.close();
      }
    }
  }

  /** Requires that every PgBouncer reports these values for the database. */
  private static void assertPools(String mode, int size, int clients) {
    for (var node : CLUSTER.databases()) {
      assertThat(CLUSTER.pgbouncer(node, "SHOW DATABASES"))
          .as(node)
          .filteredOn(pool -> pool.get("name").equals("scratch"))
          .singleElement()
          .satisfies(
              pool ->
                  assertThat(pool)
                      .containsEntry("pool_mode", mode)
                      .containsEntry("pool_size", String.valueOf(size))
                      .containsEntry("max_client_connections", String.valueOf(clients)));
    }
  }

  private static String databases() {
    return sqlOnLeader("SELECT datname FROM pg_database WHERE datname = 'scratch'");
  }

  private static String sqlOnLeader(String sql) {
    return CLUSTER.sql(CLUSTER.leader(), "postgres", sql);
  }

  private static Connection connect(String user) throws SQLException {
    var properties = OUTPUTS.jdbcProperties();
    properties.setProperty("user", user);
    properties.setProperty("password", password(user));
    return DriverManager.getConnection(
        "jdbc:postgresql://" + OUTPUTS.readWrite() + "/scratch", properties);
  }

  /** The password in the outputs, or a wrong one if the outputs no longer list the user. */
  private static String password(String user) {
    try {
      return new ObjectMapper()
          .readTree(LAB.outputs())
          .path("passwords")
          .path(user)
          .asText("unknown");
    } catch (IOException e) {
      throw new LabFailure("the stack's outputs are not JSON: " + e.getMessage());
    }
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
