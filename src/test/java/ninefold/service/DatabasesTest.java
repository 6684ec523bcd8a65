package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import ninefold.Descriptions;
import ninefold.description.ClusterRole;
import ninefold.render.Template;
import org.junit.jupiter.api.Test;

/** Tests the statements that create the databases. */
class DatabasesTest {
  @Test
  void listParameters_areSetElementByElement() {
    assertThat(statements("{search_path: 'app, \"$user\", Public', datestyle: 'ISO, DMY'}"))
        .contains(
            """
            ALTER DATABASE "app" SET datestyle TO 'ISO, DMY';
            ALTER DATABASE "app" SET search_path TO 'app', '$user', 'public';
            """);
  }

  @Test
  void values_cannotEndTheirLiteral() {
    assertThat(
            statements(
                "{app.word: \"x'; DROP DATABASE app; --\","
                    + " search_path: '\"a''; DROP SCHEMA b; --\", c'', \\'''}"))
        .contains(
            """
            ALTER DATABASE "app" SET app.word TO 'x''; DROP DATABASE app; --';
            ALTER DATABASE "app" SET search_path TO 'a''; DROP SCHEMA b; --', 'c''', '\\''';
            """);
  }

  @Test
  void extensions_areCreatedByTheOwner_orInASchemaWithoutOwnersObjects() {
    assertThat(statements("{search_path: app}"))
        .endsWith(
            """
              ELSIF known.owners THEN
                SET LOCAL search_path TO public;
                SET LOCAL ROLE "app";
              ELSE
                CREATE SCHEMA IF NOT EXISTS extensions;
                IF (SELECT nspowner FROM pg_namespace WHERE nspname = 'extensions') <> 'postgres'::regrole THEN
                  RAISE EXCEPTION 'schema extensions of database app does not belong to postgres'
                    USING HINT = 'Extension pg_trgm would be created there: rename the schema.';
                END IF;
                SELECT extname, nspname INTO needed FROM pg_extension JOIN pg_namespace AS schema ON schema.oid = extnamespace
                  WHERE extname = ANY (known.requires) AND nspowner <> 'postgres'::regrole LIMIT 1;
                IF FOUND THEN
                  RAISE EXCEPTION 'extension pg_trgm of database app needs extension %, which is in schema % of the application',
                    needed.extname, needed.nspname
                    USING HINT = format('A superuser would run code that the application has put there. Let the application drop extension %s, '
                      'name both in the description, and run pulumi up: it creates both in schema extensions.', needed.extname);
                END IF;
                GRANT USAGE ON SCHEMA extensions TO PUBLIC;
                SET LOCAL search_path TO extensions;
              END IF;
              CREATE EXTENSION "pg_trgm";
            END $ninefold$;
            \\connect postgres
            """);
  }

  /** PostgreSQL also looks up names in the schemas of the extensions that an extension requires. */
  @Test
  void dependenciesOfSuperuserExtensions_areCreatedBySuperuser() {
    assertThat(of("databases: [{name: app, owner: app, extensions: [cube, earthdistance]}]"))
        .contains(
            """
                       WHERE name IN ('cube', 'earthdistance') AND version = default_version
                         AND NOT other.trusted AND 'cube' = ANY (other.requires)) AS owners
            """);
  }

  @Test
  void headerListsLocalesAndExtensions() {
    var databases =
        "databases: [{name: a, owner: a, locale: en_US.UTF-8, extensions: [pg_trgm, hstore]},"
            + " {name: b, owner: b, extensions: [hstore]}]";

    assertThat(files(databases))
        .containsExactly(
            "locales C.UTF-8 en_US.UTF-8",
            "extensions /usr/share/postgresql/17/extension hstore pg_trgm");
    assertThat(files("postgresql: {audit: ddl}"))
        .containsExactly("extensions /usr/share/postgresql/17/extension pgaudit");
    assertThat(files("durability: sync")).isEmpty();
  }

  private static List<String> files(String description) {
    return Databases.neededFiles(Descriptions.three("4GiB", description));
  }

  @Test
  void auditedCluster_hasPgauditInEachDatabase() {
    var databases =
        "databases: [{name: app, owner: app, extensions: [pg_trgm]}, {name: own, owner: own,"
            + " extensions: [pgaudit]}]";
    var create = "CREATE EXTENSION \"pgaudit\";";

    var audited = of("postgresql: {audit: ddl}\n" + databases);

    assertThat(audited.split(Pattern.quote(create), -1)).as("postgres, app and own").hasSize(4);
    assertThat(audited.indexOf(create)).isLessThan(audited.indexOf("\\connect \"app\""));
    assertThat(audited).doesNotContain("DROP EXTENSION pgaudit");
    assertThat(of(databases).split(Pattern.quote(create), -1)).as("own").hasSize(2);
  }

  /** Unless pg_temp is last, a caller's temporary view replaces a table in the function's body. */
  @Test
  void securityDefinerFunctions_fixTheirSearchPath() {
    var parts = statements("{}").split(" SECURITY DEFINER ", -1);

    assertThat(parts).hasSizeGreaterThan(1);
    assertThat(List.of(parts).subList(1, parts.length))
        .allSatisfy(
            function ->
                assertThat(function).startsWith("SET search_path = pg_catalog, pg_temp AS"));
  }

  @Test
  void temporaryObjects_areForOwnersOnly() {
    assertThat(statements("{}"))
        .contains(
            "REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;",
            "REVOKE ALL ON DATABASE ninefold FROM PUBLIC;",
            "REVOKE CONNECT, TEMPORARY ON DATABASE \"app\" FROM PUBLIC;");
  }

  /** A user may change its own password in PostgreSQL. */
  @Test
  void poolsAcceptOnlyPasswordsSetByTheStep() {
    var roles =
        Template.render(
            "databases/roles.sql.ftl",
            Map.of(
                "clusterRoles",
                ClusterRole.withoutPasswords(),
                "roles",
                List.of(
                    Map.of("name", "probe", "attributes", "LOGIN", "verifier", "SCRAM-SHA-256$1"),
                    Map.of("name", "app", "attributes", "LOGIN", "verifier", "SCRAM-SHA-256$2"))));

    assertThat(statements("{}")).contains("FROM pgbouncer.verifiers AS known JOIN");
    assertThat(roles)
        .contains("BEGIN;\n")
        .endsWith(
            """
            INSERT INTO pgbouncer.verifiers AS known SELECT rolname, rolpassword FROM pg_catalog.pg_authid
              WHERE rolname IN ('probe', 'app')
              ON CONFLICT (name) DO UPDATE SET verifier = excluded.verifier WHERE known.verifier <> excluded.verifier;
            DELETE FROM pgbouncer.verifiers WHERE name NOT IN ('probe', 'app');
            COMMIT;
            """);
  }

  /** Without pgaudit's library, PostgreSQL refuses all other DDL. */
  @Test
  void withoutAudit_pgauditIsDroppedFirst() {
    var drop = "SELECT 'DROP EXTENSION pgaudit'";
    var statements = statements("{}");

    assertThat(statements.indexOf(drop)).isBetween(0, statements.indexOf("CREATE SCHEMA"));
    assertThat(statements.indexOf(drop, statements.indexOf("\\connect \"app\"")))
        .isBetween(0, statements.indexOf("REASSIGN OWNED"));
  }

  /** The Metastore's lock is a transaction that stays idle while the compactor works. */
  @Test
  void metastoreTransactions_haveNoIdleTimeoutByDefault() {
    var metastore =
        "postgresql: {maxConnections: 200}\ndatabases: [{name: m, owner: h, hive: {}%s}]";
    var unlimited = "ALTER DATABASE \"m\" SET idle_in_transaction_session_timeout TO '0';";

    assertThat(of(metastore.formatted(""))).contains(unlimited);
    assertThat(of(metastore.formatted(", settings: {idle_in_transaction_session_timeout: 2h}")))
        .contains("ALTER DATABASE \"m\" SET idle_in_transaction_session_timeout TO '2h';")
        .doesNotContain(unlimited);
    assertThat(statements("{}")).doesNotContain("SET idle_in_transaction_session_timeout");
  }

  private static String statements(String settings) {
    return of(
        "databases: [{name: app, owner: app, extensions: [pg_trgm], settings: " + settings + "}]");
  }

  private static String of(String description) {
    return Databases.statements(Descriptions.three("4GiB", description));
  }
}
