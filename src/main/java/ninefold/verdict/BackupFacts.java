package ninefold.verdict;

import java.util.List;
import java.util.Optional;

/**
 * The repository of backups.
 *
 * @param stanza the stanza
 * @param status pgBackRest's number for the stanza's state; 0 is well
 * @param message what the number means
 * @param running whether a backup runs
 * @param backups the backups
 * @param archive the archived WAL, by timeline
 * @param jobs the units that take backups
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
   * @param begin when it began, epoch seconds
   * @param end when it ended, epoch seconds
   * @param size the size of what it holds, bytes
   * @param error whether pages in it are damaged
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

    /** Refuses what names no segments. */
    public Backup {
      WalSegment.parse(first);
      WalSegment.parse(last);
    }
  }

  /**
   * The archived segments of a timeline.
   *
   * @param timeline the timeline
   * @param ranges first and last segment of each unbroken run: 16 hexadecimal digits, the number of
   *     the log and the number of the segment in it
   */
  public record Archived(long timeline, List<List<String>> ranges) {

    /** Refuses what names no segments; keeps a copy that cannot be changed. */
    public Archived {
      ranges = ranges.stream().map(List::copyOf).toList();
      for (List<String> range : ranges) {
        if (range.size() != 2) {
          throw new IllegalArgumentException(range + " is not a pair of a first and a last segment");
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
   * @param at when that ended, epoch seconds; empty if it never ran
   */
  public record Job(String unit, String result, Optional<Double> at) {}
}
