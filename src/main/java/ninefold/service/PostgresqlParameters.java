package ninefold.service;

import java.util.LinkedHashMap;
import java.util.Map;
import ninefold.cluster.Cluster;

/** PostgreSQL's parameters: what the cluster needs, what the memory allows, what the user asks. */
final class PostgresqlParameters {
  private PostgresqlParameters() {}

  /**
   * All parameters that Patroni hands to PostgreSQL; the description's own override the derived.
   */
  static Map<String, String> of(Cluster cluster) {
    var timings = cluster.failover().timings();
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("max_connections", String.valueOf(cluster.postgresql().maxConnections()));
    parameters.put("superuser_reserved_connections", "3");
    parameters.put("password_encryption", "scram-sha-256");
    parameters.putAll(MemoryBudget.of(cluster).parameters());
    parameters.put("wal_level", "replica");
    parameters.put("wal_log_hints", "on");
    parameters.put("max_wal_senders", "10");
    parameters.put("max_replication_slots", "10");
    parameters.put("checkpoint_completion_target", "0.9");
    parameters.put("archive_mode", "on");
    parameters.put(
        "archive_command", "pgbackrest --stanza=" + cluster.stanza() + " archive-push %p");
    parameters.put("archive_timeout", cluster.backup().archiveTimeout() + "s");
    // A replica that lost its power holds commits until the leader gives it up.
    parameters.put("wal_sender_timeout", timings.walSenderTimeout() + "s");
    parameters.put("wal_receiver_timeout", timings.walSenderTimeout() + "s");
    // A replica that finds a crashed leader not up yet asks again soon: commits wait for it.
    parameters.put("wal_retrieve_retry_interval", "500ms");
    parameters.put("tcp_keepalives_idle", "30");
    parameters.put("tcp_keepalives_interval", "5");
    parameters.put("tcp_keepalives_count", "3");
    parameters.put("shared_preload_libraries", "pg_stat_statements");
    parameters.put("log_line_prefix", "%m [%p] %q%u@%d ");
    parameters.put("log_checkpoints", "on");
    parameters.put("log_lock_waits", "on");
    parameters.put("log_min_duration_statement", "1s");
    parameters.put("log_temp_files", "16MB");
    parameters.put("log_autovacuum_min_duration", "10s");
    parameters.putAll(cluster.postgresql().parameters());
    return parameters;
  }
}
