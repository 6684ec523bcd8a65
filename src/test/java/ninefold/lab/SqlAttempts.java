package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.stream.Stream;

/** What is tried by SQL: by an application, by its neighbour, and with PgBouncer's key. */
final class SqlAttempts {
  /** A refusal by the pool or by PostgreSQL; nothing that a fault would say. */
  private static final String REFUSAL =
      "authentication failed|bouncer config error|not allowed|no pg_hba.conf entry";

  private static final String DENIED = "permission denied|must be|only roles|may not";

  private SqlAttempts() {}

  static Stream<Attempt> all() {
    return Stream.of(
        new Attempt(
            Foothold.PGBOUNCER,
            "become superuser by a temporary view named as a table that the look-up of verifiers"
                + " reads",
            "the look-up names the schema of all that it reads; nobody makes temporary objects in"
                + " database `postgres`",
            SqlAttempts::aViewStandsForATable),
        new Attempt(
            Foothold.PGBOUNCER,
            "read or change the table of the passwords that the pools take",
            "the table is the superuser's; PgBouncer may only ask for one user's verifier",
            SqlAttempts::theTableOfVerifiersIsClosed),
        new Attempt(
            Foothold.APPLICATION,
            "log in by a password that it gave itself in PostgreSQL",
            "the pools take the passwords that the step `databases` has set",
            SqlAttempts::aPasswordOfItsOwnIsRefused),
        new Attempt(
            Foothold.OTHER_OWNER,
            "get into another application's database, or at its sessions and its password",
            "`pg_hba.conf` lets in the owner alone; PostgreSQL's own rights",
            SqlAttempts::aNeighbourStaysOutside));
  }

  private static void aViewStandsForATable(AttackedCluster cluster) {
    var leader = cluster.leader();
    try {
      var said =
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
      assertThat(said).as("what it may do").endsWith("app");
      assertThat(cluster.isSuperuser("pgbouncer")).as(said).isEqualTo("f");
      assertThat(said).contains("permission denied to create temporary");
    } finally {
      cluster.sql("postgres", "ALTER ROLE pgbouncer NOSUPERUSER");
    }
  }

  private static void theTableOfVerifiersIsClosed(AttackedCluster cluster) {
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

  /** As uid pgbouncer, by the certificate of the PgBouncer on that node. */
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

  /** The superuser sets the described one again, as docs/operations/keys.md says. */
  private static void aPasswordOfItsOwnIsRefused(AttackedCluster cluster) throws SQLException {
    var own = cluster.outputs().jdbcProperties();
    try {
      try (var connection = connect(cluster, "app", own);
          var statement = connection.createStatement()) {
        statement.execute("ALTER ROLE app PASSWORD 'planted'");
      }
      var planted = cluster.outputs().jdbcProperties();
      planted.setProperty("password", "planted");
      assertThatThrownBy(() -> connect(cluster, "app", planted).close())
          .isInstanceOf(SQLException.class)
          .hasMessageFindingMatch(REFUSAL);
    } finally {
      cluster.root(
          cluster.leader(),
          "cd /; runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -f /etc/ninefold/sql/roles.sql");
    }
    connect(cluster, "app", own).close();
  }

  private static void aNeighbourStaysOutside(AttackedCluster cluster) throws SQLException {
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
        assertThat(rows.getInt(1)).as("its own sessions, which it sees").isPositive();
        assertThat(rows.getInt(2)).as("statements of others, which it sees").isZero();
      }
    }
  }

  private static Connection connect(AttackedCluster cluster, String database, Properties properties)
      throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + cluster.outputs().readWrite() + "/" + database, properties);
  }
}
