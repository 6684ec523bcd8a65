package ninefold.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The archived WAL and its gaps.
 *
 * <p>Recovery reads each timeline up to the start of the next one. So a timeline must be complete
 * from the first segment that a backup needs, or from its own start, up to the segment before the
 * first one of the next timeline. Recovery never reads segments that a former leader archived after
 * that point.
 */
final class WalArchive {
  /** A contiguous range of segments, from the first to the last. */
  record Run(long first, long last) {}

  /** The ranges by timeline, in order. */
  private final NavigableMap<Long, List<Run>> timelines = new TreeMap<>();

  /** Reads the ranges of pgBackRest's repository. */
  WalArchive(List<BackupFacts.Archived> archived) {
    for (BackupFacts.Archived timeline : archived) {
      List<Run> runs =
          timeline.ranges().stream()
              .map(
                  range ->
                      new Run(WalSegment.number(range.get(0)), WalSegment.number(range.get(1))))
              .sorted(Comparator.comparingLong(Run::first))
              .toList();
      if (!runs.isEmpty()) {
        timelines.put(timeline.timeline(), runs);
      }
    }
  }

  /** The newest segment; empty if the archive is empty. */
  Optional<WalSegment> newest() {
    return Optional.ofNullable(timelines.lastEntry())
        .map(entry -> new WalSegment(entry.getKey(), last(entry.getValue())));
  }

  /**
   * Finds the gaps since a backup.
   *
   * @param first the first segment that the backup needs
   * @param last the last segment that it needs
   */
  List<ClusterOverview.Gap> gaps(WalSegment first, WalSegment last) {
    List<ClusterOverview.Gap> gaps = new ArrayList<>();
    NavigableMap<Long, List<Run>> path = timelines.tailMap(first.timeline(), true);
    List<Run> firstRuns = path.getOrDefault(first.timeline(), List.of());
    Optional<Long> next = firstSegment(path.tailMap(first.timeline(), false));
    // The backup needs all of its own segments, even if the next timeline starts earlier.
    long end = Math.max(last.number(), next.map(it -> it - 1).orElse(last(firstRuns)));
    missing(first.timeline(), first.number(), end, firstRuns, gaps);
    path.tailMap(first.timeline(), false)
        .forEach(
            (timeline, runs) -> {
              long until =
                  firstSegment(timelines.tailMap(timeline, false))
                      .map(it -> it - 1)
                      .orElse(last(runs));
              missing(timeline, runs.get(0).first(), until, runs, gaps);
            });
    return List.copyOf(gaps);
  }

  private static Optional<Long> firstSegment(NavigableMap<Long, List<Run>> later) {
    return Optional.ofNullable(later.firstEntry()).map(entry -> entry.getValue().get(0).first());
  }

  private static long last(List<Run> runs) {
    return runs.stream().mapToLong(Run::last).max().orElse(-1);
  }

  /** Adds the gaps between the first and the last segment. */
  private static void missing(
      long timeline, long first, long last, List<Run> runs, List<ClusterOverview.Gap> gaps) {
    long expected = first;
    for (Run run : runs) {
      if (run.first() > last) {
        break;
      }
      if (run.first() > expected) {
        gaps.add(gap(timeline, expected, run.first() - 1));
      }
      expected = Math.max(expected, run.last() + 1);
    }
    if (expected <= last) {
      gaps.add(gap(timeline, expected, last));
    }
  }

  private static ClusterOverview.Gap gap(long timeline, long first, long last) {
    return new ClusterOverview.Gap(
        new WalSegment(timeline, first).toString(),
        new WalSegment(timeline, last).toString(),
        last - first + 1);
  }
}
