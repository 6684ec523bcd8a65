package ninefold.description;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The PostgreSQL roles that the cluster's own services use. */
public enum ClusterRole {
  /** For streaming replication. */
  REPLICATOR,
  /** For {@code pg_rewind}, which reads from the new leader. */
  REWIND,
  /** For PgBouncer, which looks up SCRAM verifiers. */
  PGBOUNCER,
  /** For pgBackRest's backups. */
  BACKUP,
  /** For the collection of facts. */
  MONITOR,
  /** For test writes and reads through the virtual address, on the path of a client. */
  PROBE;

  /** The role's name in PostgreSQL. */
  public String roleName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of the roles without a password, which log in by certificate or as a local user. */
  public static List<String> withoutPasswords() {
    return Stream.of(values()).filter(role -> role != PROBE).map(ClusterRole::roleName).toList();
  }
}
