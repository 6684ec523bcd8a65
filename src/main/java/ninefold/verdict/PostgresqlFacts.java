package ninefold.verdict;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Facts about PostgreSQL on one node.
 *
 * @param recovery whether it is in recovery, as a replica is
 * @param timeline its timeline
 * @param lsn the position up to which a leader has written or a replica has replayed WAL, bytes
 * @param received the position up to which a replica has received WAL, bytes
 * @param settings the settings by name, as in {@code pg_settings}; without those that have their
 *     built-in default
 * @param replicas the replication connections, on a leader
 * @param slots the replication slots
 * @param archiver the statistics of archiving
 * @param waiting the segments that wait to be archived
 * @param databases the databases, without templates
 * @param roles the roles
 * @param changedPasswords the roles whose password is not the one that PgBouncer has
 * @param xidAge the age of the oldest transaction ID that is not frozen, in transactions
 */
public record PostgresqlFacts(
    boolean recovery,
    long timeline,
    long lsn,
    Optional<Long> received,
    FactsSection<Map<String, Setting>> settings,
    FactsSection<List<Replica>> replicas,
    FactsSection<List<Slot>> slots,
    FactsSection<Archiver> archiver,
    FactsSection<Waiting> waiting,
    FactsSection<List<Database>> databases,
    FactsSection<List<Role>> roles,
    FactsSection<List<String>> changedPasswords,
    FactsSection<Long> xidAge) {

  /**
   * A setting.
   *
   * @param value the value for a new session, {@code reset_val}, in its unit. {@code setting} would
   *     be wrong for parameters such as {@code tcp_keepalives_idle}: it is that of the querying
   *     connection, 0 on a Unix socket
   * @param unit the unit, as in {@code 8kB}; empty if it has none
   * @param type {@code bool}, {@code integer}, {@code real}, {@code string} or {@code enum}
   * @param pending whether a new value waits for a restart
   */
  public record Setting(String value, Optional<String> unit, String type, boolean pending) {}

  /**
   * A replica that the leader sends WAL to.
   *
   * @param name the replica's name
   * @param state the state, as in {@code streaming}
   * @param sync {@code sync_state}, as in {@code quorum} or {@code potential}
   * @param replayed the position up to which it has replayed WAL, bytes; empty before its first
   *     reply
   */
  public record Replica(String name, String state, String sync, Optional<Long> replayed) {}

  /**
   * A replication slot.
   *
   * @param name its name
   * @param type {@code physical} or {@code logical}
   * @param active whether a connection uses it
   * @param status {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; empty if
   *     it keeps no WAL
   */
  public record Slot(String name, String type, boolean active, Optional<String> status) {}

  /**
   * The statistics of archiving.
   *
   * @param archived the segments archived since the last reset of the statistics
   * @param failed the number of failed attempts
   * @param lastFailedAt the last failure, epoch seconds
   * @param lastArchivedAt the last success, epoch seconds
   */
  public record Archiver(
      long archived, long failed, Optional<Double> lastFailedAt, Optional<Double> lastArchivedAt) {}

  /**
   * Segments that wait to be archived.
   *
   * @param segments the number of segments
   * @param oldest since when the oldest one has been waiting, epoch seconds
   */
  public record Waiting(long segments, Optional<Double> oldest) {}

  /** A database and its owner. */
  public record Database(String name, String owner) {}

  /** A role and its attributes. */
  public record Role(
      String name,
      boolean superuser,
      boolean login,
      boolean replication,
      boolean createRole,
      boolean createDb) {}
}
