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
  void extensionsLandInPublicWhateverTheSearchPath() {
    assertThat(statements("{search_path: app}"))
        .endsWith(
            """
            SET search_path TO public;
            CREATE EXTENSION IF NOT EXISTS "pg_trgm";
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
