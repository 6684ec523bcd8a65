package ninefold.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Whether the applications' databases can be made beside what is there already. */
final class DatabaseChecks {
  /** Databases of PostgreSQL's and PgBouncer's, and words with a meaning in pg_hba.conf. */
  private static final Set<String> TAKEN_DATABASES =
      Set.of(
          "postgres",
          "template0",
          "template1",
          "pgbouncer",
          "ninefold",
          "replication",
          "all",
          "sameuser",
          "samerole",
          "samegroup");

  /** Roles that the cluster or PostgreSQL has, and words that are no role's name. */
  private static final Set<String> TAKEN_ROLES =
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
        problems.add(path + ".name", "there are two databases " + database.name(), "leave one out");
      }
      database.hive().ifPresent(hive -> hive(path, database, hive, problems));
      encoding(path, database, problems);
      clients(path, database, cluster.pooling(), problems);
      Parameters.check(path + ".settings", database.settings(), cluster.durability(), problems);
      lists(path + ".settings", database.settings(), problems);
    }
    oneMetastore(databases, problems);
    oneLimitAnOwner(databases, cluster.pooling(), problems);
    dropped(cluster, problems);
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

  private static void clients(String path, Database database, Pooling pooling, Problems problems) {
    int clients = database.maxClients();
    int pooled = database.poolSize(pooling);
    if (clients > pooling.maxClients()) {
      problems.add(
          path + ".maxClients",
          "%d is more than pooling.maxClients, the %d that one pool accepts for all databases"
              .formatted(clients, pooling.maxClients()),
          "lower it, or raise pooling.maxClients");
    } else if (clients > 0 && clients < pooled) {
      problems.add(
          path + ".maxClients",
          "%d is less than the %d server connections of its pool".formatted(clients, pooled),
          "raise it, or lower poolSize");
    }
  }

  private static void hive(String path, Database database, Hive hive, Problems problems) {
    if (database.pooling().filter(Pooling.Mode.TRANSACTION::equals).isPresent()) {
      problems.add(
          path + ".pooling",
          "a Metastore sets state for its session, which transaction pooling gives to others",
          "leave it out");
    }
    if (hive.uris().size() > hive.metastores()) {
      problems.add(
          path + ".hive.metastores",
          "%d is less than the %d uris".formatted(hive.metastores(), hive.uris().size()),
          "count each Metastore: its connections are provided for");
    }
  }

  /** The outputs for Hive are those of one Metastore database. */
  private static void oneMetastore(List<Database> databases, Problems problems) {
    List<Integer> places =
        IntStream.range(0, databases.size())
            .filter(i -> databases.get(i).hive().isPresent())
            .boxed()
            .toList();
    places.stream()
        .skip(1)
        .forEach(
            i ->
                problems.add(
                    Problem.at("databases", i) + ".hive",
                    Problem.at("databases", places.get(0)) + " is a Metastore's too",
                    "a cluster serves one; leave one out"));
  }

  /** The limit is the owner's: one for all of its databases, and not below their pools' sum. */
  private static void oneLimitAnOwner(
      List<Database> databases, Pooling pooling, Problems problems) {
    Map<String, Integer> limits = new HashMap<>();
    Map<String, Integer> pools = new HashMap<>();
    for (int i = 0; i < databases.size(); i++) {
      Database database = databases.get(i);
      Integer other = limits.putIfAbsent(database.owner(), database.connectionLimit());
      if (other != null && other != database.connectionLimit()) {
        problems.add(
            Problem.at("databases", i) + ".connectionLimit",
            "%s has the limit %d already".formatted(database.owner(), other),
            "give an owner one limit, for all databases together");
      }
      int pooled = pools.merge(database.owner(), database.poolSize(pooling), Integer::sum);
      int limit = database.connectionLimit();
      if (limit >= 0 && limit < pooled) {
        problems.add(
            Problem.at("databases", i) + ".connectionLimit",
            "%d is less than the %d of %s's pools".formatted(limit, pooled, database.owner()),
            "raise it, or lower poolSize");
      }
    }
  }

  private static void dropped(Cluster cluster, Problems problems) {
    for (int i = 0; i < cluster.drop().databases().size(); i++) {
      String name = cluster.drop().databases().get(i);
      String path = Problem.at("drop.databases", i);
      if (TAKEN_DATABASES.contains(name)) {
        problems.add(path, name + " is not the description's", "leave it out");
      } else if (cluster.databases().stream().anyMatch(it -> it.name().equals(name))) {
        problems.add(
            path,
            name + " stands among databases too",
            "take it out there, if it is really to be destroyed");
      }
    }
    for (int i = 0; i < cluster.drop().users().size(); i++) {
      String name = cluster.drop().users().get(i);
      String path = Problem.at("drop.users", i);
      if (TAKEN_ROLES.contains(name) || name.startsWith("pg_")) {
        problems.add(path, name + " is not the description's", "leave it out");
      } else if (cluster.databases().stream().anyMatch(it -> it.owner().equals(name))) {
        problems.add(path, name + " owns a database", "give that another owner, or leave it out");
      }
    }
  }
}
