package ninefold.verdict;

import java.util.List;
import java.util.Optional;

/**
 * Facts about pgBackRest's repository.
 *
 * @param stanza the name of the stanza
 * @param status pgBackRest's status code of the stanza; 0 is ok
 * @param message pgBackRest's text for the status code
 * @param running whether a backup is running
 * @param backups the backups
 * @param archive the archived WAL, by timeline
 * @param jobs the systemd units that take and keep backups
 */
public record BackupFacts(
    String stanza,
    int status,
    String message,
    boolean running,
    FactsSection<List<Backup>> backups,
    FactsSection<List<Archived>> archive,
    FactsSection<List<Job>> jobs) {

  /**
   * A backup.
   *
   * @param label its label
   * @param type {@code full}, {@code diff} or {@code incr}
   * @param begin when it started, epoch seconds
   * @param end when it ended, epoch seconds
   * @param size the size of the database in it, bytes
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
      boolean error,
      String first,
      String last) {

    /**
     * Validates the segments.
     *
     * @throws IllegalArgumentException if one is not the name of a WAL segment
     */
    public Backup {
      WalSegment.parse(first);
      WalSegment.parse(last);
    }
  }

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
