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
 * A database from its first line in the description to its drop, while a node leads that is not the
 * first of the description. The tests follow each other; the last one ends with the lab's own.
 */
@Tag("hive")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DatabaseChangesTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final String APP = "  - {name: app, owner: app}\n";

  @BeforeEach
  void isHealthy() {
    CLUSTER.awaitHealthy();
  }

  @Test
  @Order(1)
  void aNewDatabase_isMadeOnWhicheverNodeLeads() throws SQLException {
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
            asked(
                "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database"
                    + " WHERE datname = 'latin'"))
        .isEqualTo("LATIN1|C|C");

    try (var session = connect("clerk")) {
      assertThat(one(session, "SHOW work_mem")).isEqualTo("2222kB");
      assertThat(one(session, "SHOW lock_timeout")).isEqualTo("7s");
      try (var statement = session.createStatement()) {
        statement.execute("DROP TABLE IF EXISTS kept");
        statement.execute("CREATE TABLE kept (n int)");
        statement.execute("INSERT INTO kept VALUES (42)");
      }
    }
    assertThat(asked("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'clerk'")).isEqualTo("9");
    // The pools of app (35), metastore (30) and latin (1) leave so many of 300.
    assertPooledEverywhere("session", 3, 234);
    assertThatThrownBy(() -> connect("app")).isInstanceOf(SQLException.class);
  }

  @Test
  @Order(2)
  void aChangedOne_hasItsNewOwnerAndSettings_andItsData() throws SQLException {
    asked("ALTER ROLE app CREATEDB CREATEROLE BYPASSRLS; ALTER ROLE monitor SUPERUSER");
    up(
        "changed",
        "  - {name: scratch, owner: bookkeeper, poolSize: 4, maxClients: 4,"
            + " connectionLimit: 7, extensions: [hstore, pageinspect, cube, earthdistance],"
            + " settings: {lock_timeout: 8s}}\n");

    assertPooledEverywhere("transaction", 4, 4);
    assertThat(
            asked(
                "SELECT rolname FROM pg_roles WHERE rolname IN ('app', 'monitor') AND (rolsuper"
                    + " OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)"))
        .as("rights that the description gives nobody")
        .isEmpty();
    assertThat(asked("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'bookkeeper'"))
        .isEqualTo("7");

    try (var session = connect("bookkeeper")) {
      assertThat(one(session, "SELECT n FROM kept")).isEqualTo("42");
      assertThat(one(session, "SHOW lock_timeout")).isEqualTo("8s");
      assertThat(one(session, "SHOW work_mem")).isNotEqualTo("2222kB");
      assertThat(one(session, "SELECT ('a=>1'::hstore) -> 'a'")).isEqualTo("1");
      assertThat(
              one(
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
    assertThat(asked("SELECT has_database_privilege('clerk', 'scratch', 'CONNECT')"))
        .isEqualTo("f");
  }

  @Test
  @Order(3)
  void anotherEncoding_isRefused() {
    var changed =
        description(
            "scratch-latin1",
            text ->
                text.replace(
                    APP,
                    APP
                        + "  - {name: scratch, owner: bookkeeper, poolSize: 4, encoding: LATIN1,"
                        + " locale: C}\n"));
    assertThat(PulumiRun.up().describedBy(changed).run().failed().said())
        .contains("database scratch was born with encoding UTF8 and locale C.UTF-8");
  }

  @Test
  @Order(4)
  void oneTakenOut_letsNobodyInAndStays() {
    told("up: taken out", PulumiRun.up().run().succeeded());

    assertThatThrownBy(() -> connect("bookkeeper")).isInstanceOf(SQLException.class);
    assertThat(databases()).isEqualTo("scratch");
  }

  @Test
  @Order(5)
  void oneThatIsNamedUnderDropToo_goesWithItsUsers() {
    var dropped =
        description(
            "scratch-dropped",
            text -> text + "\ndrop: {databases: [scratch, latin], users: [clerk, bookkeeper]}\n");
    told("up: dropped", PulumiRun.up().describedBy(dropped).run().succeeded());

    assertThat(databases()).isEmpty();
    assertThat(asked("SELECT rolname FROM pg_roles WHERE rolname IN ('clerk', 'bookkeeper')"))
        .isEmpty();
    told("up: as it was", PulumiRun.up().run().succeeded());
  }

  private static void up(String name, String entry) {
    UnaryOperator<String> added = text -> text.replace(APP, APP + entry);
    told(
        "up: scratch " + name,
        PulumiRun.up().describedBy(description("scratch-" + name, added)).run().succeeded());
  }

  /** So many more, beside those that are open: whoever has all of a database's is told so. */
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

  /** As each PgBouncer itself says. */
  private static void assertPooledEverywhere(String mode, int size, int clients) {
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
    return asked("SELECT datname FROM pg_database WHERE datname = 'scratch'");
  }

  private static String asked(String sql) {
    return CLUSTER.sql(CLUSTER.leader(), "postgres", sql);
  }

  private static Connection connect(String user) throws SQLException {
    var properties = OUTPUTS.jdbcProperties();
    properties.setProperty("user", user);
    properties.setProperty("password", password(user));
    return DriverManager.getConnection(
        "jdbc:postgresql://" + OUTPUTS.readWrite() + "/scratch", properties);
  }

  /** A user who is no more in the outputs has no password that anybody knows. */
  private static String password(String user) {
    try {
      return new ObjectMapper()
          .readTree(LAB.outputs())
          .path("passwords")
          .path(user)
          .asText("unknown");
    } catch (IOException e) {
      throw new LabFailure("the stack's outputs are no JSON: " + e.getMessage());
    }
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
