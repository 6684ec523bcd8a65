package ninefold.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The archived WAL, and what is missing in it.
 *
 * <p>A recovery reads a timeline from where it starts until the next one begins. So a timeline must
 * be whole from the first segment that a backup needs, or from its begin, up to the segment before
 * the next timeline's first. A recovery never reads what an old leader archived beyond that point.
 */
final class WalArchive {
  /** An unbroken run of segments, from the first to the last. */
  record Run(long first, long last) {}

  /** Runs by timeline, each in order. */
  private final NavigableMap<Long, List<Run>> timelines = new TreeMap<>();

  /** Takes the ranges as pgBackRest's repository has them. */
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

  /** The newest segment. */
  Optional<WalSegment> newest() {
    return Optional.ofNullable(timelines.lastEntry())
        .map(entry -> new WalSegment(entry.getKey(), last(entry.getValue())));
  }

  /**
   * What is missing since a backup.
   *
   * @param first the first segment that the backup needs
   * @param last the last one
   */
  List<ClusterOverview.Gap> gaps(WalSegment first, WalSegment last) {
    List<ClusterOverview.Gap> gaps = new ArrayList<>();
    NavigableMap<Long, List<Run>> path = timelines.tailMap(first.timeline(), true);
    List<Run> own = path.getOrDefault(first.timeline(), List.of());
    Optional<Long> next = begin(path.tailMap(first.timeline(), false));
    // The backup needs all of its own segments, wherever the next timeline begins.
    long end = Math.max(last.number(), next.map(it -> it - 1).orElse(last(own)));
    missing(first.timeline(), first.number(), end, own, gaps);
    path.tailMap(first.timeline(), false)
        .forEach(
            (timeline, runs) -> {
              long until =
                  begin(timelines.tailMap(timeline, false)).map(it -> it - 1).orElse(last(runs));
              missing(timeline, runs.get(0).first(), until, runs, gaps);
            });
    return List.copyOf(gaps);
  }

  private static Optional<Long> begin(NavigableMap<Long, List<Run>> later) {
    return Optional.ofNullable(later.firstEntry()).map(entry -> entry.getValue().get(0).first());
  }

  private static long last(List<Run> runs) {
    return runs.stream().mapToLong(Run::last).max().orElse(-1);
  }

  /** Adds what no run holds of the segments from the first to the last. */
  private static void missing(
      long timeline, long first, long last, List<Run> runs, List<ClusterOverview.Gap> gaps) {
    long wanted = first;
    for (Run run : runs) {
      if (run.first() > last) {
        break;
      }
      if (run.first() > wanted) {
        gaps.add(gap(timeline, wanted, run.first() - 1));
      }
      wanted = Math.max(wanted, run.last() + 1);
    }
    if (wanted <= last) {
      gaps.add(gap(timeline, wanted, last));
    }
  }

  private static ClusterOverview.Gap gap(long timeline, long first, long last) {
    return new ClusterOverview.Gap(
        new WalSegment(timeline, first).toString(),
        new WalSegment(timeline, last).toString(),
        last - first + 1);
  }
}
