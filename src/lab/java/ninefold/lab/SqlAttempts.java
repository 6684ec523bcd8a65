package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Attempts with SQL: by an application, by the owner of another database, and with PgBouncer's key.
 */
final class SqlAttempts {
  /** A refusal by the pool or by PostgreSQL, as opposed to the message of a fault. */
  private static final String REFUSAL =
      "authentication failed|bouncer config error|not allowed|no pg_hba.conf entry";

  private static final String DENIED = "permission denied|must be|only roles|may not";

  private SqlAttempts() {}

  static Stream<Attempt> all() {
    return Stream.of(
        new Attempt(
            Foothold.PGBOUNCER,
            "become superuser with a temporary view that has the name of a table that the"
                + " lookup of verifiers reads",
            "the lookup names the schema of everything that it reads; nobody may create temporary"
                + " objects in database `postgres`",
            SqlAttempts::temporaryViewCannotShadowTable),
        new Attempt(
            Foothold.PGBOUNCER,
            "read or change the table of the passwords that the pools accept",
            "the table belongs to the superuser; PgBouncer may only ask for one user's verifier",
            SqlAttempts::verifierTableIsProtected),
        new Attempt(
            Foothold.APPLICATION,
            "log in with a password that it set for itself in PostgreSQL",
            "the pools accept the passwords that the step `databases` has set",
            SqlAttempts::ownPasswordIsRefused),
        new Attempt(
            Foothold.APPLICATION,
            "plant triggers, defaults, views, functions and settings for the superuser: an operator"
                + " restores a table and queries a view, then an `up` changes the database",
            "an operator logs in as the owner; the steps begin with settings that the database"
                + " cannot override",
            SqlAttempts::plantedCodeNeverRunsAsSuperuser),
        new Attempt(
            Foothold.OTHER_OWNER,
            "read a different application's database, or reach its sessions and its password",
            "`pg_hba.conf` admits only the owner; PostgreSQL's own rights",
            SqlAttempts::otherOwnerIsRefused),
        Attempt.untried(
            Foothold.OTHER_OWNER,
            "stop the others with load: memory, disk, WAL, long transactions",
            "nothing prevents it, see the page on security"));
  }

  private static void temporaryViewCannotShadowTable(AttackedCluster cluster) {
    var leader = cluster.leader();
    try {
      var output =
          asPgbouncer(
              cluster,
              leader,
              """
              CREATE FUNCTION pg_temp.evil() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
                IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
                  EXECUTE 'ALTER ROLE pgbouncer SUPERUSER';
                END IF;
                RETURN 'SCRAM-' || current_user; END $$;
              CREATE TEMPORARY VIEW pg_authid AS SELECT 'app'::name AS rolname, true AS rolcanlogin,
                false AS rolsuper, false AS rolreplication, NULL::timestamptz AS rolvaliduntil,
                pg_temp.evil() AS rolpassword;
              CREATE TEMPORARY VIEW verifiers AS SELECT 'app'::name AS name, pg_temp.evil() AS verifier;
              SELECT name FROM pgbouncer.verifier('app');
              """);
      assertThat(output).as("the permitted lookup").endsWith("app");
      assertThat(cluster.isSuperuser("pgbouncer")).as(output).isEqualTo("f");
      assertThat(output).contains("permission denied to create temporary");
    } finally {
      cluster.sql("postgres", "ALTER ROLE pgbouncer NOSUPERUSER");
    }
  }

  private static void verifierTableIsProtected(AttackedCluster cluster) {
    var leader = cluster.leader();
    for (var statement :
        new String[] {
          "SELECT * FROM pgbouncer.verifiers",
          "UPDATE pgbouncer.verifiers SET verifier = 'md5'",
          "CREATE TABLE pgbouncer.mine ()",
          "CREATE OR REPLACE FUNCTION pgbouncer.verifier(wanted text, OUT name text, OUT verifier"
              + " text) RETURNS record LANGUAGE sql AS 'SELECT $1, $1'"
        }) {
      assertThat(asPgbouncer(cluster, leader, statement + ";"))
          .as(statement)
          .containsPattern(DENIED);
    }
    assertThat(asPgbouncer(cluster, leader, "SELECT name FROM pgbouncer.verifier('app');"))
        .isEqualTo("app");
  }

  /** Runs SQL as system user pgbouncer, with the certificate of that node's PgBouncer. */
  private static String asPgbouncer(AttackedCluster cluster, String node, String statements) {
    return cluster
        .as(
            node,
            "pgbouncer",
            """
            export HOME=/nonexistent
            tls=/etc/ninefold/tls/pgbouncer
            psql -XAtq -d "host=%s dbname=postgres user=pgbouncer sslmode=verify-full sslrootcert=$tls/ca.crt sslcert=$tls/node.crt sslkey=$tls/node.key" <<'SQL'
            %s
            SQL
            """
                .formatted(cluster.address(node), statements))
        .strip();
  }

  /**
   * Afterwards the superuser restores the described password, as docs/operations/keys.md describes.
   */
  private static void ownPasswordIsRefused(AttackedCluster cluster) throws SQLException {
    var properties = cluster.outputs().jdbcProperties();
    try {
      try (var connection = connect(cluster, "app", properties);
          var statement = connection.createStatement()) {
        statement.execute("ALTER ROLE app PASSWORD 'planted'");
      }
      var planted = cluster.outputs().jdbcProperties();
      planted.setProperty("password", "planted");
      assertThatThrownBy(() -> connect(cluster, "app", planted).close())
          .isInstanceOf(SQLException.class)
          .hasMessageFindingMatch(REFUSAL);
      // Status may ask any node, and replicas get the change a moment later.
      Eventually.holds(
          "./ninefold status names the changed password",
          Duration.ofSeconds(20),
          () ->
              Optional.of(OperatorCommand.runForStandardOutput("status", "--json").output())
                  .filter(output -> !output.contains("\"role-password\"")));
    } finally {
      cluster.root(
          cluster.leader(),
          "cd /; runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -f /etc/ninefold/sql/roles.sql");
    }
    assertThat(cluster.sql("postgres", "SELECT ninefold.changed_passwords()")).isEmpty();
    connect(cluster, "app", properties).close();
  }

  /**
   * Objects that the documented restore and an {@code up} come across. They record the user as
   * which they run.
   */
  private static final String PLANTED =
      """
      CREATE SCHEMA trap;
      CREATE TABLE trap.ran (login name, acting name);
      CREATE FUNCTION trap.grab() RETURNS int LANGUAGE plpgsql AS $grab$
      DECLARE way text;
      BEGIN
        INSERT INTO trap.ran VALUES (session_user, current_user);
        FOREACH way IN ARRAY ARRAY['SELECT 1', 'SET ROLE NONE', 'SET ROLE postgres',
                                   'SET SESSION AUTHORIZATION DEFAULT'] LOOP
          BEGIN
            EXECUTE way;
            EXECUTE 'ALTER ROLE app SUPERUSER';
            EXIT;
          EXCEPTION WHEN OTHERS THEN NULL;
          END;
        END LOOP;
        RETURN 1;
      END $grab$;
      CREATE FUNCTION trap.spring() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM trap.grab(); RETURN new; END';
      CREATE TABLE trap.orders (id int, n int DEFAULT trap.grab());
      INSERT INTO trap.orders (id, n) VALUES (1, 1), (2, 2);
      CREATE TRIGGER spring BEFORE INSERT ON trap.orders FOR EACH ROW EXECUTE FUNCTION trap.spring();
      CREATE VIEW trap.report AS SELECT id, trap.grab() FROM trap.orders;
      CREATE FUNCTION trap.pg_encoding_to_char(int) RETURNS name LANGUAGE plpgsql AS
        'BEGIN PERFORM trap.grab(); RETURN pg_catalog.pg_encoding_to_char($1); END';
      CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE plpgsql AS
        'BEGIN PERFORM trap.grab(); RETURN pg_catalog.lower($1); END';
      """;

  /** Restores a table as docs/operations/backup-and-restore.md describes. */
  private static final String RESTORED =
      """
      cd /
      runuser -u postgres -- pg_dump -U app -d app -Fc --data-only --table=trap.orders -f /var/tmp/orders.dump
      runuser -u postgres -- pg_restore -U app -d app --no-owner --data-only /var/tmp/orders.dump
      rm -f /var/tmp/orders.dump
      runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -U app -d app -c 'SELECT count(*) FROM trap.report'
      """;

  private static void plantedCodeNeverRunsAsSuperuser(AttackedCluster cluster) throws SQLException {
    var properties = cluster.outputs().jdbcProperties();
    try {
      try (var connection = connect(cluster, "app", properties);
          var statement = connection.createStatement()) {
        statement.execute(PLANTED);
      }
      assertThat(cluster.root(cluster.leader(), RESTORED))
          .as("rows after the restore")
          .endsWith("4");
      assertThat(asApp(cluster, "SELECT DISTINCT login, acting FROM trap.ran"))
          .as("the user as which the planted code ran")
          .isEqualTo("app|app");
      assertThat(cluster.isSuperuser("app")).as("after a restore").isEqualTo("f");

      try (var connection = connect(cluster, "app", properties);
          var statement = connection.createStatement()) {
        statement.execute("ALTER DATABASE app SET search_path = trap, pg_catalog, public");
        statement.execute("ALTER DATABASE app SET statement_timeout = 1");
        statement.execute("ALTER DATABASE app SET idle_session_timeout = 1");
      }
      cluster.up(
          "sprung",
          text ->
              text.replace(
                  "owner: app}", "owner: app, connectionLimit: 80, extensions: [hstore]}"));
      assertThat(cluster.isSuperuser("app")).as("after an up").isEqualTo("f");
      assertThat(asApp(cluster, "SELECT DISTINCT login FROM trap.ran")).isEqualTo("app");
    } finally {
      cluster.sql("postgres", "ALTER ROLE app NOSUPERUSER");
      cluster.sql("postgres", "ALTER DATABASE app RESET ALL");
      asApp(cluster, "DROP SCHEMA IF EXISTS trap CASCADE; DROP EXTENSION IF EXISTS hstore");
    }
    cluster.upAsBefore();
  }

  /** Runs SQL as an operator does in an application's database. */
  private static String asApp(AttackedCluster cluster, String statements) {
    return cluster
        .as(
            cluster.leader(),
            "postgres",
            "PGOPTIONS='-c client_min_messages=warning' psql -XAtq -U app -d app <<'SQL'\n%s;\nSQL"
                .formatted(statements))
        .strip();
  }

  private static void otherOwnerIsRefused(AttackedCluster cluster) throws SQLException {
    var hive = cluster.outputs().jdbcProperties();
    hive.setProperty("user", "hive");
    hive.setProperty("password", cluster.outputs().password("hive"));

    assertThatThrownBy(() -> connect(cluster, "app", hive).close())
        .as("database app")
        .isInstanceOf(SQLException.class)
        .hasMessageFindingMatch(REFUSAL);
    try (var connection = connect(cluster, "metastore", hive);
        var statement = connection.createStatement()) {
      for (var attempt :
          new String[] {
            "SET ROLE app",
            "ALTER ROLE app PASSWORD 'x'",
            "ALTER DATABASE app SET search_path = x",
            "ALTER ROLE app SET search_path = x",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' OR"
                + " usename = 'pgbouncer'",
            "CREATE EXTENSION dblink",
            "CREATE EXTENSION postgres_fdw",
            "CREATE SUBSCRIPTION s CONNECTION 'dbname=app' PUBLICATION p"
          }) {
        assertThatThrownBy(() -> statement.execute(attempt))
            .as(attempt)
            .isInstanceOf(SQLException.class)
            .hasMessageFindingMatch(DENIED);
      }
      try (var rows =
          statement.executeQuery(
              "SELECT count(*) FILTER (WHERE usename = current_user),"
                  + " count(*) FILTER (WHERE usename <> current_user AND query NOT LIKE"
                  + " '<insufficient privilege>' AND query <> '') FROM pg_stat_activity")) {
        rows.next();
        assertThat(rows.getInt(1)).as("visible sessions of its own").isPositive();
        assertThat(rows.getInt(2)).as("visible statements of others").isZero();
      }
    }
  }

  private static Connection connect(AttackedCluster cluster, String database, Properties properties)
      throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + cluster.outputs().readWrite() + "/" + database, properties);
  }
}
