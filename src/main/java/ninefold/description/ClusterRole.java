package ninefold.description;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The roles of PostgreSQL that the cluster itself logs in as. */
public enum ClusterRole {
  /** Replicas stream as this one. */
  REPLICATOR,
  /** {@code pg_rewind} reads the new leader as this one. */
  REWIND,
  /** PgBouncer looks up verifiers as this one. */
  PGBOUNCER,
  /** pgBackRest takes backups as this one. */
  BACKUP,
  /** Facts are collected as this one. */
  MONITOR,
  /** Writes and reads through the virtual address prove a client's way as this one. */
  PROBE;

  /** Its name in PostgreSQL. */
  public String roleName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of those that log in by a certificate or by their user, and have no password. */
  public static List<String> withoutPasswords() {
    return Stream.of(values()).filter(it -> it != PROBE).map(ClusterRole::roleName).toList();
  }
}
