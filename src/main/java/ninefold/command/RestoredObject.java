package ninefold.command;

import java.util.List;
import java.util.regex.Pattern;

/** What is restored from a copy beside the cluster. */
sealed interface RestoredObject {
  /** The database. */
  String database();

  /** The arguments of {@code templates/copy/scripts/copy-load.py} after its verb. */
  List<String> arguments();

  /** The verb of that script. */
  String verb();

  /**
   * A table.
   *
   * @param database its database
   * @param schema its schema
   * @param name its name
   */
  record Table(String database, String schema, String name) implements RestoredObject {
    @Override
    public List<String> arguments() {
      return List.of(database, schema, name);
    }

    @Override
    public String verb() {
      return "table";
    }
  }

  /**
   * A whole database.
   *
   * @param database its name
   */
  record WholeDatabase(String database) implements RestoredObject {
    @Override
    public List<String> arguments() {
      return List.of(database);
    }

    @Override
    public String verb() {
      return "database";
    }
  }

  /** Parses {@code DATABASE:SCHEMA.TABLE}; throws IllegalArgumentException if it is none. */
  static Table table(String text) {
    var found = Notation.TABLE.matcher(text);
    if (!found.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not DATABASE:SCHEMA.TABLE, as in app:public.orders; names with other characters"
                  .formatted(text)
              + " than letters, digits, _, - and $: use ./ninefold copy and pg_dump");
    }
    return new Table(found.group("database"), found.group("schema"), found.group("name"));
  }

  /** The notation of names. It permits no character that a shell or psql interprets in quotes. */
  final class Notation {
    private static final String NAME = "[\\p{L}_][\\p{L}\\p{N}_$-]*";
    private static final Pattern TABLE =
        Pattern.compile("(?<database>NAME):(?<schema>NAME)\\.(?<name>NAME)".replace("NAME", NAME));

    private Notation() {}
  }
}
