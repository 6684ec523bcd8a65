package ninefold.verdict;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Facts about pgBackRest's repository.
 *
 * @param stanza the name of the stanza
 * @param status pgBackRest's status code of the stanza; 0 is ok
 * @param message pgBackRest's text for the status code
 * @param running whether a backup is running
 * @param continuous the label of the oldest full backup that can be restored to any later time;
 *     empty if there is no full backup
 * @param backups the backups
 * @param archive the archived WAL, by timeline
 * @param jobs the systemd units that take and keep backups
 */
public record BackupFacts(
    String stanza,
    int status,
    String message,
    boolean running,
    Optional<String> continuous,
    FactsSection<List<Backup>> backups,
    FactsSection<List<Archived>> archive,
    FactsSection<List<Job>> jobs) {

  /**
   * The backups that can be restored to any later time, if the archive has no gap. Of an older one,
   * only the WAL is kept that makes it consistent.
   */
  public List<Backup> continuousBackups() {
    List<Backup> all = backups.known().orElse(List.of());
    double since =
        all.stream()
            .filter(it -> continuous.filter(it.label()::equals).isPresent())
            .mapToDouble(Backup::begin)
            .findFirst()
            .orElse(0);
    return all.stream()
        .filter(it -> it.begin() >= since)
        .sorted(Comparator.comparingDouble(Backup::begin))
        .toList();
  }

  /**
   * A backup.
   *
   * @param label its label
   * @param type {@code full}, {@code diff} or {@code incr}
   * @param begin when it started, epoch seconds
   * @param end when it ended, epoch seconds
   * @param size the size of the database in it, bytes
   * @param stored the bytes that it adds to the repository
   * @param source where its data was read; empty if it is not known
   * @param kept for a full backup, the reasons to keep it: {@code count}, {@code age}, {@code
   *     monthly} and {@code yearly}
   * @param error whether it contains damaged pages
   * @param first the first segment it needs
   * @param last the last segment it needs
   */
  public record Backup(
      String label,
      String type,
      double begin,
      double end,
      long size,
      long stored,
      Optional<Source> source,
      List<String> kept,
      boolean error,
      String first,
      String last) {

    /**
     * Validates the segments, and copies the reasons.
     *
     * @throws IllegalArgumentException if one is not the name of a WAL segment
     */
    public Backup {
      kept = List.copyOf(kept);
      WalSegment.parse(first);
      WalSegment.parse(last);
    }
  }

  /**
   * Where a backup's data was read.
   *
   * @param node the node
   * @param role {@code replica} or {@code leader}, its role at that time
   */
  public record Source(String node, String role) {}

  /**
   * The archived segments of a timeline.
   *
   * @param timeline the timeline
   * @param ranges the first and the last segment of each contiguous range, without the timeline: 16
   *     hexadecimal digits
   */
  public record Archived(long timeline, List<List<String>> ranges) {

    /**
     * Validates and copies the ranges.
     *
     * @throws IllegalArgumentException if a range is not a pair of segment numbers
     */
    public Archived {
      ranges = ranges.stream().map(List::copyOf).toList();
      for (List<String> range : ranges) {
        if (range.size() != 2) {
          throw new IllegalArgumentException(
              range + " is not a pair of a first and a last segment");
        }
        range.forEach(WalSegment::number);
      }
    }
  }

  /**
   * A unit that takes backups.
   *
   * @param unit its name
   * @param result systemd's Result of its last run
   * @param at when that run ended, epoch seconds; empty if it has never run
   */
  public record Job(String unit, String result, Optional<Double> at) {}
}
