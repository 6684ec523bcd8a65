package ninefold.description;

import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code hive} implies for the other settings of its database. It is filled in when the
 * description is read, unless the description sets it, so the rest of the program needs no rule for
 * a Metastore's database.
 */
public final class HiveProfile {
  /** Hive's driver sets the isolation of its session, which must not leak to a different client. */
  private static final PoolingSettings.Mode MODE = PoolingSettings.Mode.SESSION;

  /** Server connections of one Metastore: the most that the pools in its site files open. */
  private static final int CONNECTIONS = 30;

  /**
   * A Metastore's lock is a row that an idle transaction holds for as long as a round of its
   * compactor takes. HAProxy ends the connections that were forgotten.
   */
  private static final Map<String, String> SETTINGS =
      Map.of("idle_in_transaction_session_timeout", "0");

  private HiveProfile() {}

  /** The cluster with the implied settings of each database that a Metastore uses. */
  public static Cluster fillIn(Cluster cluster) {
    return cluster.withDatabases(cluster.databases().stream().map(HiveProfile::fillIn).toList());
  }

  private static Database fillIn(Database database) {
    if (database.hive().isEmpty()) {
      return database;
    }
    int connections = database.hive().get().metastores() * CONNECTIONS;
    Map<String, String> settings = new TreeMap<>(SETTINGS);
    settings.putAll(database.settings());
    return database.withProfile(
        database.pooling().orElse(MODE), database.poolSize().orElse(connections), settings);
  }
}
