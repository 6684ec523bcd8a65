package ninefold.description.check;

import java.util.List;
import java.util.stream.IntStream;
import ninefold.description.Cluster;
import ninefold.description.Database;
import ninefold.description.Hive;
import ninefold.description.PoolingSettings;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether the cluster's databases suit a Hive Metastore. */
final class HiveChecks {
  private HiveChecks() {}

  static void run(Cluster cluster, Problems problems) {
    List<Database> databases = cluster.databases();
    for (int i = 0; i < databases.size(); i++) {
      String path = Problem.at("databases", i);
      Database database = databases.get(i);
      database.hive().ifPresent(hive -> hive(path, database, hive, problems));
    }
    oneMetastore(databases, problems);
  }

  private static void hive(String path, Database database, Hive hive, Problems problems) {
    if (database.pooling().filter(PoolingSettings.Mode.TRANSACTION::equals).isPresent()) {
      problems.add(
          path + ".pooling",
          "a Metastore sets session state, which transaction pooling would pass to other clients",
          "remove the key");
    }
    if (hive.uris().size() > hive.metastores()) {
      problems.add(
          path + ".hive.metastores",
          "%d is less than the %d uris".formatted(hive.metastores(), hive.uris().size()),
          "count every Metastore, so that the pool has connections for it");
    }
  }

  /** The stack's outputs for Hive describe one Metastore database. */
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
                    Problem.at("databases", places.get(0)) + " is a Metastore's database too",
                    "a cluster serves one Metastore database; remove one"));
  }
}
