package ninefold.service;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.PostgresqlSettings;
import ninefold.description.Role;

/**
 * PostgreSQL's parameters: those that the cluster needs, those that follow from the memory ({@link
 * MemoryBudget}), and those of the description.
 */
public final class PostgresqlParameters {
  /** PostgreSQL's default of {@code max_wal_senders} and of {@code max_replication_slots}. */
  private static final int DEFAULT_WAL_SENDERS = 10;

  /** Headroom: pg_basebackup uses two WAL senders; two are for an administrator's tools. */
  private static final int SPARE_WAL_SENDERS = 4;

  private static final String PRELOADED_LIBRARIES = "shared_preload_libraries";

  private PostgresqlParameters() {}

  /**
   * Returns all parameters that Patroni passes to PostgreSQL, with PostgreSQL's units. The
   * description's parameters override those that are derived.
   */
  public static Map<String, String> of(Cluster cluster) {
    var timings = cluster.failover().timings().postgresql();
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("max_connections", String.valueOf(cluster.postgresql().maxConnections()));
    parameters.put(
        "superuser_reserved_connections",
        String.valueOf(PostgresqlSettings.SUPERUSER_RESERVED_CONNECTIONS));
    parameters.put("password_encryption", "scram-sha-256");
    var budget = MemoryBudget.of(cluster);
    parameters.putAll(budget.parameters());
    parameters.put("wal_level", "replica");
    parameters.put("wal_log_hints", "on");
    parameters.put("max_wal_senders", String.valueOf(walSenders(cluster)));
    parameters.put("max_replication_slots", String.valueOf(walSenders(cluster)));
    // A replica that falls behind must not fill the leader's disk: it can read the archive. From
    // version 18 on, PostgreSQL refuses to stream from an invalidated slot, and Patroni 4.0 does
    // not recreate the slot.
    if (cluster.postgresql().version() < 18) {
      parameters.put("max_slot_wal_keep_size", budget.slotWal());
    }
    parameters.put("checkpoint_completion_target", "0.9");
    parameters.put("archive_mode", "on");
    parameters.put(
        "archive_command", "/usr/local/lib/ninefold/pgbackrest-push " + cluster.stanza() + " %p");
    parameters.put("archive_timeout", cluster.backup().archiveTimeout().toSeconds() + "s");
    // A synchronous replica that lost its power delays commits until the leader drops it.
    parameters.put("wal_sender_timeout", timings.walSenderTimeout().toSeconds() + "s");
    parameters.put("wal_receiver_timeout", timings.walSenderTimeout().toSeconds() + "s");
    // Commits wait for the synchronous replica to reconnect to a leader that restarts after a
    // crash. The default is 5 s.
    parameters.put("wal_retrieve_retry_interval", "500ms");
    parameters.put("tcp_keepalives_idle", "30");
    parameters.put("tcp_keepalives_interval", "5");
    parameters.put("tcp_keepalives_count", "3");
    // A forgotten transaction occupies a pool's connection, keeps locks and holds back vacuum.
    parameters.put("idle_in_transaction_session_timeout", "10min");
    // Cancel a running query when its client's connection has broken.
    parameters.put("client_connection_check_interval", "10s");
    parameters.put(PRELOADED_LIBRARIES, "pg_stat_statements");
    parameters.put("log_connections", "on");
    parameters.put("log_statement", "ddl");
    parameters.put("log_line_prefix", "%m [%p] %q%u@%d ");
    parameters.put("log_checkpoints", "on");
    parameters.put("log_lock_waits", "on");
    parameters.put("log_min_duration_statement", "1s");
    parameters.put("log_temp_files", "16MB");
    parameters.put("log_autovacuum_min_duration", "10s");
    parameters.putAll(cluster.postgresql().parameters());
    if (cluster.postgresql().audited()) {
      parameters.put("pgaudit.log", cluster.postgresql().audit());
      parameters.put(
          PRELOADED_LIBRARIES, withLibrary(parameters.get(PRELOADED_LIBRARIES), "pgaudit"));
    }
    return parameters;
  }

  /** Adds a library to a list, unless the list has it already. */
  private static String withLibrary(String libraries, String library) {
    return Stream.concat(Stream.of(libraries.split(",")), Stream.of(library))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .distinct()
        .collect(joining(","));
  }

  /**
   * Returns the number of WAL senders, which is also that of replication slots: the largest of
   *
   * <ul>
   *   <li>10, PostgreSQL's default
   *   <li>2 × nodes + 4
   *   <li>2 × (nodes - 1) + 4 + described slots
   * </ul>
   *
   * <p>Each replica counts twice because a replica that reconnects leaves its old sender behind
   * until {@code wal_sender_timeout}; PostgreSQL's manual ({@code max_wal_senders}) asks for that
   * headroom. Slots need fewer: Patroni keeps one for each other member, and a clone uses one while
   * it runs. Each described slot has one consumer. The first described slots use the headroom of
   * the second term, so that they do not make PostgreSQL restart.
   */
  private static int walSenders(Cluster cluster) {
    var nodes = cluster.nodes(Role.POSTGRES).size();
    var slots = cluster.postgresql().slots().size();
    return Math.max(
        Math.max(DEFAULT_WAL_SENDERS, 2 * nodes + SPARE_WAL_SENDERS),
        2 * (nodes - 1) + SPARE_WAL_SENDERS + slots);
  }
}
