package ninefold.verdict;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PostgreSQL on one node.
 *
 * @param recovery whether it is in recovery, so no leader
 * @param timeline its timeline
 * @param lsn what a leader has written, a replica has replayed; bytes
 * @param received what a replica has received; bytes
 * @param settings settings by name, as {@code pg_settings} shows them; without those that nobody
 *     set
 * @param replicas who streams, on a leader
 * @param slots replication slots
 * @param archiver how archiving went
 * @param waiting segments that wait to be archived
 * @param databases its databases, without templates
 * @param roles its roles
 * @param changedPasswords roles whose password in PostgreSQL is not the one that the pools take
 * @param xidAge the age of the oldest transaction that is not frozen, transactions
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
   * @param value its value in its unit: what a new session has. What {@code pg_settings.setting}
   *     says of {@code tcp_keepalives_idle} and its like is the asking connection's own, and 0 on a
   *     Unix socket; {@code reset_val} is not
   * @param unit the unit, as in {@code 8kB}; empty if it has none
   * @param type {@code bool}, {@code integer}, {@code real}, {@code string} or {@code enum}
   * @param pending whether another value waits for a restart
   */
  public record Setting(String value, Optional<String> unit, String type, boolean pending) {}

  /**
   * A replica that the leader sends WAL to.
   *
   * @param name the replica's name
   * @param state as in {@code streaming}
   * @param sync PostgreSQL's word, as in {@code quorum} or {@code potential}
   * @param replayed what it has replayed, bytes; empty before its first reply
   */
  public record Replica(String name, String state, String sync, Optional<Long> replayed) {}

  /**
   * A replication slot.
   *
   * @param name its name
   * @param type {@code physical} or {@code logical}
   * @param active whether somebody streams by it
   * @param status {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; empty if
   *     it holds no WAL
   */
  public record Slot(String name, String type, boolean active, Optional<String> status) {}

  /**
   * How archiving went.
   *
   * @param archived segments that were archived since the statistics began
   * @param failed attempts that failed
   * @param lastFailedAt the last failure, epoch seconds
   * @param lastArchivedAt the last success, epoch seconds
   */
  public record Archiver(
      long archived, long failed, Optional<Double> lastFailedAt, Optional<Double> lastArchivedAt) {}

  /**
   * Segments that wait to be archived.
   *
   * @param segments how many
   * @param oldest since when the oldest waits, epoch seconds
   */
  public record Waiting(long segments, Optional<Double> oldest) {}

  /** A database and its owner. */
  public record Database(String name, String owner) {}

  /** A role and what it may do. */
  public record Role(
      String name,
      boolean superuser,
      boolean login,
      boolean replication,
      boolean createRole,
      boolean createDb) {}
}
