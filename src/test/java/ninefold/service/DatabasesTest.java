package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import ninefold.Descriptions;
import org.junit.jupiter.api.Test;

/** The statements that make the databases. */
class DatabasesTest {
  @Test
  void listsAreSetElementByElement() {
    assertThat(statements("{search_path: 'app, \"$user\", Public', datestyle: 'ISO, DMY'}"))
        .contains(
            """
            ALTER DATABASE "app" SET datestyle TO 'ISO, DMY';
            ALTER DATABASE "app" SET search_path TO 'app', '$user', 'public';
            """);
  }

  @Test
  void noValueEndsItsLiteral() {
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
  void anExtensionIsMadeByTheOwner_orWhereTheOwnerMakesNothing() {
    assertThat(statements("{search_path: app}"))
        .endsWith(
            """
              ELSIF known.trusted THEN
                SET LOCAL search_path TO public;
                SET LOCAL ROLE "app";
              ELSE
                CREATE SCHEMA IF NOT EXISTS extensions;
                IF (SELECT nspowner FROM pg_namespace WHERE nspname = 'extensions') <> 'postgres'::regrole THEN
                  RAISE EXCEPTION 'schema extensions of database app does not belong to postgres'
                    USING HINT = 'Extension pg_trgm would be made there: give the schema another name.';
                END IF;
                GRANT USAGE ON SCHEMA extensions TO PUBLIC;
                SET LOCAL search_path TO extensions;
              END IF;
              CREATE EXTENSION "pg_trgm";
            END $ninefold$;
            \\connect postgres
            """);
  }

  private static String statements(String settings) {
    return Databases.statements(
        Descriptions.three(
            "4GiB",
            "databases: [{name: app, owner: app, extensions: [pg_trgm], settings: "
                + settings
                + "}]"));
  }
}
