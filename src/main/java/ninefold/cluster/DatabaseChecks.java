package ninefold.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether the applications' databases can be made beside what is there already. */
final class DatabaseChecks {
  /** Databases of PostgreSQL's and PgBouncer's, and words with a meaning in pg_hba.conf. */
  private static final Set<String> TAKEN_DATABASES =
      Set.of(
          "postgres",
          "template0",
          "template1",
          "pgbouncer",
          "replication",
          "all",
          "sameuser",
          "samerole",
          "samegroup");

  /** Roles that the cluster or PostgreSQL has, and words that are no role's name. */
  private static final Set<String> TAKEN_ROLES =
      Set.of(
          "postgres",
          "replicator",
          "rewind",
          "pgbouncer",
          "backup",
          "monitor",
          "statistics",
          "ninefold",
          "all",
          "public",
          "none");

  private DatabaseChecks() {}

  static void run(Cluster cluster, Problems problems) {
    List<Database> databases = cluster.databases();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < databases.size(); i++) {
      String path = Problem.at("databases", i);
      Database database = databases.get(i);
      names(path, database, problems);
      if (!names.add(database.name())) {
        problems.add(path + ".name", "there are two databases " + database.name(), "leave one out");
      }
      limit(path, database, cluster.pooling(), problems);
      encoding(path, database, problems);
      Parameters.check(path + ".settings", database.settings(), cluster.durability(), problems);
      lists(path + ".settings", database.settings(), problems);
    }
  }

  private static void names(String path, Database database, Problems problems) {
    if (TAKEN_DATABASES.contains(database.name())) {
      problems.add(path + ".name", database.name() + " is taken", "choose another name");
    }
    if (TAKEN_ROLES.contains(database.owner())) {
      problems.add(path + ".owner", database.owner() + " is taken", "choose another name");
    } else if (database.owner().startsWith("pg_")) {
      problems.add(path + ".owner", "names with pg_ are PostgreSQL's own", "choose another name");
    }
  }

  private static void lists(String path, Map<String, String> settings, Problems problems) {
    settings.forEach(
        (name, value) -> {
          if (ListValue.elements(name, value).isEmpty()) {
            problems.add(
                Problem.at(path, name),
                Found.quote(value) + " is no list",
                "write its elements with commas between, a special one in quotation marks, as in: "
                    + "app, public, \"Other Name\"");
          }
        });
  }

  private static void encoding(String path, Database database, Problems problems) {
    if (database.locale().endsWith(".UTF-8") && !database.encoding().equals("UTF8")) {
      problems.add(
          path + ".encoding",
          "%s does not go with locale %s".formatted(database.encoding(), database.locale()),
          "write UTF8, or a locale of that encoding");
    }
  }

  private static void limit(String path, Database database, Pooling pooling, Problems problems) {
    int limit = database.connectionLimit();
    if (limit >= 0 && limit < database.poolSize(pooling)) {
      problems.add(
          path + ".connectionLimit",
          "%d is less than the pool's %d".formatted(limit, database.poolSize(pooling)),
          "raise it, or lower poolSize");
    }
  }
}
