package ninefold.description.check;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.ClusterRole;
import ninefold.description.Database;
import ninefold.description.PoolingSettings;
import ninefold.description.QuotedListValue;
import ninefold.description.problem.Problem;
import ninefold.description.problem.ProblemText;
import ninefold.description.problem.Problems;

/** Whether the applications' databases fit the system's databases, the pools and each other. */
final class DatabaseChecks {
  /** Databases of PostgreSQL and PgBouncer, and keywords of pg_hba.conf. */
  private static final Set<String> RESERVED_DATABASES =
      Set.of(
          "postgres",
          "template0",
          "template1",
          "pgbouncer",
          Cluster.OWN_DATABASE,
          "replication",
          "all",
          "sameuser",
          "samerole",
          "samegroup");

  /** Roles of the cluster and of PostgreSQL, and words that cannot be a role's name. */
  private static final Set<String> RESERVED_ROLES =
      Stream.concat(
              Stream.of(
                  "postgres",
                  Cluster.STATISTICS,
                  Cluster.PATRONI,
                  "ninefold",
                  "all",
                  "public",
                  "none"),
              Stream.of(ClusterRole.values()).map(ClusterRole::roleName))
          .collect(Collectors.toUnmodifiableSet());

  private DatabaseChecks() {}

  static void run(Cluster cluster, Problems problems) {
    List<Database> databases = cluster.databases();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < databases.size(); i++) {
      String path = Problem.at("databases", i);
      Database database = databases.get(i);
      names(path, database, problems);
      if (!names.add(database.name())) {
        problems.add(
            path + ".name",
            "there are two databases named " + database.name(),
            "rename or remove one");
      }
      encoding(path, database, problems);
      clients(path, database, cluster.pooling(), problems);
      ManagedParameters.check(
          path + ".settings", database.settings(), cluster.durability(), problems);
      lists(path + ".settings", database.settings(), problems);
    }
    sameLimitOfAnOwner(databases, cluster.pooling(), problems);
    dropped(cluster, problems);
  }

  private static void names(String path, Database database, Problems problems) {
    if (RESERVED_DATABASES.contains(database.name())) {
      problems.add(path + ".name", database.name() + " is reserved", "choose a different name");
    }
    if (RESERVED_ROLES.contains(database.owner())) {
      problems.add(path + ".owner", database.owner() + " is reserved", "choose a different name");
    } else if (database.owner().startsWith("pg_")) {
      problems.add(
          path + ".owner", "names that start with pg_ are reserved", "choose a different name");
    }
  }

  private static void lists(String path, Map<String, String> settings, Problems problems) {
    settings.forEach(
        (name, value) -> {
          if (QuotedListValue.elements(name, value).isEmpty()) {
            problems.add(
                Problem.at(path, name),
                ProblemText.quote(value) + " is not a list",
                "separate the elements by commas, and put special ones in double quotes, such as: "
                    + "app, public, \"Other Name\"");
          }
        });
  }

  private static void encoding(String path, Database database, Problems problems) {
    if (database.locale().endsWith(".UTF-8") && !database.encoding().equals("UTF8")) {
      problems.add(
          path + ".encoding",
          "%s does not match locale %s".formatted(database.encoding(), database.locale()),
          "write UTF8, or choose a locale of that encoding");
    }
  }

  private static void clients(
      String path, Database database, PoolingSettings pooling, Problems problems) {
    int pooled = database.effectivePoolSize(pooling);
    int most = pooling.maxClients();
    database
        .maxClients()
        .ifPresent(
            clients -> {
              if (clients > most) {
                problems.add(
                    path + ".maxClients",
                    "%d is more than pooling.maxClients, the %d that one pool accepts for all databases"
                        .formatted(clients, most),
                    "lower it, or raise pooling.maxClients");
              } else if (clients < pooled) {
                problems.add(
                    path + ".maxClients",
                    "%d is less than the %d server connections of its pool"
                        .formatted(clients, pooled),
                    "raise it, or lower poolSize");
              }
            });
  }

  /**
   * The limit applies to the owner, so it must be the same for all databases of the owner, and fit
   * their pools together.
   */
  private static void sameLimitOfAnOwner(
      List<Database> databases, PoolingSettings pooling, Problems problems) {
    Map<String, Optional<Integer>> limits = new HashMap<>();
    Map<String, Integer> pools = new HashMap<>();
    for (int i = 0; i < databases.size(); i++) {
      Database database = databases.get(i);
      String path = Problem.at("databases", i) + ".connectionLimit";
      Optional<Integer> limit = database.connectionLimit();
      Optional<Integer> other = limits.putIfAbsent(database.owner(), limit);
      if (other != null && !other.equals(limit)) {
        problems.add(
            path,
            "another database of %s has %s"
                .formatted(database.owner(), other.map(it -> "the limit " + it).orElse("no limit")),
            "set the same limit for all databases of an owner");
      }
      int pooled = pools.merge(database.owner(), database.effectivePoolSize(pooling), Integer::sum);
      limit
          .filter(most -> most < pooled)
          .ifPresent(
              most ->
                  problems.add(
                      path,
                      "%d is less than the %d of %s's pools"
                          .formatted(most, pooled, database.owner()),
                      "raise it, or lower poolSize"));
    }
  }

  private static void dropped(Cluster cluster, Problems problems) {
    for (int i = 0; i < cluster.drop().databases().size(); i++) {
      String name = cluster.drop().databases().get(i);
      String path = Problem.at("drop.databases", i);
      if (RESERVED_DATABASES.contains(name)) {
        problems.add(path, name + " is a database of the system", "remove it");
      } else if (cluster.databases().stream().anyMatch(database -> database.name().equals(name))) {
        problems.add(
            path, name + " is also listed in databases", "remove it there, if it must be dropped");
      }
    }
    for (int i = 0; i < cluster.drop().users().size(); i++) {
      String name = cluster.drop().users().get(i);
      String path = Problem.at("drop.users", i);
      if (RESERVED_ROLES.contains(name) || name.startsWith("pg_")) {
        problems.add(path, name + " is a role of the system", "remove it");
      } else if (cluster.databases().stream().anyMatch(database -> database.owner().equals(name))) {
        problems.add(
            path,
            name + " owns a database",
            "give the database a different owner, or remove this entry");
      }
    }
  }
}
