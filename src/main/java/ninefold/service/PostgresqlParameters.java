package ninefold.service;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.PostgresqlSettings;
import ninefold.description.Role;

/** PostgreSQL's parameters: what the cluster needs, what the memory allows, what the user asks. */
public final class PostgresqlParameters {
  /** What PostgreSQL 17 has by itself, for {@code max_wal_senders} and its slots alike. */
  private static final int USUAL_WAL_SENDERS = 10;

  /** For a base backup, which takes two, and for whom an administrator connects by hand. */
  private static final int FURTHER_WAL_SENDERS = 4;

  private static final String PRELOADED = "shared_preload_libraries";

  private PostgresqlParameters() {}

  /**
   * All parameters that Patroni hands to PostgreSQL; the description's own override the derived.
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
    // A replica that doesn't come along must not fill the leader's disk: it has the archive. From
    // 18 on PostgreSQL lets nobody stream by a slot that was lost, and Patroni 4.0 keeps it.
    if (cluster.postgresql().version() < 18) {
      parameters.put("max_slot_wal_keep_size", budget.slotWal());
    }
    parameters.put("checkpoint_completion_target", "0.9");
    parameters.put("archive_mode", "on");
    parameters.put(
        "archive_command", "/usr/local/lib/ninefold/pgbackrest-push " + cluster.stanza() + " %p");
    parameters.put("archive_timeout", cluster.backup().archiveTimeout().toSeconds() + "s");
    // A replica that lost its power holds commits until the leader gives it up.
    parameters.put("wal_sender_timeout", timings.walSenderTimeout().toSeconds() + "s");
    parameters.put("wal_receiver_timeout", timings.walSenderTimeout().toSeconds() + "s");
    // A replica that finds a crashed leader not up yet asks again soon: commits wait for it.
    parameters.put("wal_retrieve_retry_interval", "500ms");
    parameters.put("tcp_keepalives_idle", "30");
    parameters.put("tcp_keepalives_interval", "5");
    parameters.put("tcp_keepalives_count", "3");
    // A forgotten BEGIN holds a pool's connection, locks, and what vacuum would remove.
    parameters.put("idle_in_transaction_session_timeout", "10min");
    // A query whose session was cut works for nobody: it ends by this, and not when it is done.
    parameters.put("client_connection_check_interval", "10s");
    parameters.put(PRELOADED, "pg_stat_statements");
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
      parameters.put(PRELOADED, with(parameters.get(PRELOADED), "pgaudit"));
    }
    return parameters;
  }

  /** A list of libraries with one that may stand there already. */
  private static String with(String libraries, String library) {
    return Stream.concat(Stream.of(libraries.split(",")), Stream.of(library))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .distinct()
        .collect(joining(","));
  }

  /**
   * WAL senders, and as many slots. PostgreSQL's manual asks for more senders than the clients that
   * stay connected, since one that is cut off holds its sender until {@code wal_sender_timeout}
   * while its successor connects already: two for each node, whichever leads. A slot is held by
   * Patroni for each other member, and by PostgreSQL for the time of a clone. Each described slot
   * has one consumer; what no replica needs is left to those before PostgreSQL has to restart.
   */
  private static int walSenders(Cluster cluster) {
    var nodes = cluster.nodes(Role.POSTGRES).size();
    var slots = cluster.postgresql().slots().size();
    return Math.max(
        Math.max(USUAL_WAL_SENDERS, 2 * nodes + FURTHER_WAL_SENDERS),
        2 * (nodes - 1) + FURTHER_WAL_SENDERS + slots);
  }
}
