package ninefold.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gaps in the WAL archive, and names of segments. */
class WalArchiveTest {
  /** Parses an archive such as {@code 1:2-9,12-14 2:15-20}: timelines with their ranges. */
  private static List<BackupFacts.Archived> archive(String text) {
    List<BackupFacts.Archived> archive = new ArrayList<>();
    for (String timeline : text.split(" ", -1)) {
      if (timeline.isEmpty()) {
        continue;
      }
      String[] parts = timeline.split(":", 2);
      List<List<String>> ranges = new ArrayList<>();
      for (String run : parts[1].split(",", -1)) {
        String[] ends = run.split("-", 2);
        ranges.add(List.of(number(ends[0]), number(ends[1])));
      }
      archive.add(new BackupFacts.Archived(Long.parseLong(parts[0]), ranges));
    }
    return archive;
  }

  private static String number(String decimal) {
    return new WalSegment(1, Long.parseLong(decimal)).toString().substring(8);
  }

  /** Formats the gaps since a backup that needs two segments, as in {@code 1:10-11}. */
  private static String gaps(String archive, long timeline, long first) {
    return String.join(
        " ",
        new WalArchive(archive(archive))
            .gaps(new WalSegment(timeline, first), new WalSegment(timeline, first + 1)).stream()
                .map(
                    gap -> {
                      WalSegment from = WalSegment.parse(gap.first());
                      WalSegment to = WalSegment.parse(gap.last());
                      assertThat(gap.segments()).isEqualTo(to.number() - from.number() + 1);
                      assertThat(to.timeline()).isEqualTo(from.timeline());
                      return from.timeline() + ":" + from.number() + "-" + to.number();
                    })
                .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          1:2-9                           | 1 | 2   | -
          1:2-9                           | 1 | 5   | -
          1:2-4,5-9                       | 1 | 2   | -
          1:2-6,4-9                       | 1 | 2   | -
          1:250-260                       | 1 | 252 | -
          1:2-4,6-9                       | 1 | 2   | 1:5-5
          1:2-4,6-9                       | 1 | 6   | -
          1:2-4,6-7,10-12                 | 1 | 2   | 1:5-5 1:8-9
          1:250-254,257-260               | 1 | 250 | 1:255-256
          1:3-9                           | 1 | 2   | 1:2-2
          1:2-2                           | 1 | 2   | 1:3-3
          ''                              | 1 | 2   | 1:2-3
          1:2-9 2:10-12                   | 1 | 2   | -
          1:2-9,10-10 2:11-12             | 1 | 2   | -
          1:2-9 2:9-12                    | 1 | 2   | -
          1:2-9 2:6-12                    | 1 | 2   | -
          1:2-9 2:11-12                   | 1 | 2   | 1:10-10
          1:2-9 3:10-12                   | 1 | 2   | -
          1:2-9 2:10-12 3:13-15           | 1 | 2   | -
          1:2-9 2:10-12 3:15-16           | 1 | 2   | 2:13-14
          1:2-9 2:10-10,12-14 3:15-16     | 1 | 2   | 2:11-11
          1:2-9 2:10-12 3:15-16,18-19     | 1 | 2   | 2:13-14 3:17-17
          1:2-9 2:11-12                   | 2 | 11  | -
          1:2-5,7-9 2:10-12               | 2 | 10  | -
          1:2-9,12-14 2:10-16             | 1 | 2   | -
          1:2-9 2:10-20 4:5-8             | 1 | 2   | -
          """)
  void gap_isFound(String archive, long timeline, long first, String expected) {
    assertThat(gaps(archive, timeline, first)).isEqualTo(expected == null ? "" : expected);
  }

  /** In a complete archive with several timelines, exactly the removed segments are gaps. */
  @RepeatedTest(100)
  void removedSegments_areTheOnlyGaps(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    SortedSet<WalSegment> whole = new TreeSet<>();
    SortedSet<WalSegment> removable = new TreeSet<>();
    long begin = random.nextInt(1000);
    long place = begin;
    int timelines = 1 + random.nextInt(4);
    for (long timeline = 1; timeline <= timelines; timeline++) {
      long length = 4L + random.nextInt(300);
      for (long i = 0; i < length; i++) {
        WalSegment segment = new WalSegment(timeline, place + i);
        whole.add(segment);
        // The ends of a timeline cannot be missed: they define where it starts and ends.
        if (i > 1 && i < length - 2) {
          removable.add(segment);
        }
      }
      // The next timeline starts with the last segment of this one, or after it.
      place += length - random.nextInt(2);
    }
    SortedSet<WalSegment> taken = new TreeSet<>();
    for (WalSegment segment : removable) {
      if (random.nextInt(20) == 0) {
        taken.add(segment);
      }
    }
    whole.removeAll(taken);

    List<ClusterOverview.Gap> gaps =
        new WalArchive(runs(whole)).gaps(new WalSegment(1, begin), new WalSegment(1, begin + 1));

    SortedSet<WalSegment> missed = new TreeSet<>();
    for (ClusterOverview.Gap gap : gaps) {
      WalSegment first = WalSegment.parse(gap.first());
      for (long i = 0; i < gap.segments(); i++) {
        missed.add(new WalSegment(first.timeline(), first.number() + i));
      }
    }
    assertThat(missed).isEqualTo(taken);
  }

  private static List<BackupFacts.Archived> runs(SortedSet<WalSegment> segments) {
    StringBuilder text = new StringBuilder();
    WalSegment before = new WalSegment(0, 0);
    for (WalSegment segment : segments) {
      boolean follows =
          segment.timeline() == before.timeline() && segment.number() == before.number() + 1;
      if (!follows) {
        if (before.timeline() != 0) {
          text.append(before.number());
          text.append(before.timeline() == segment.timeline() ? "," : " ");
        }
        if (before.timeline() != segment.timeline()) {
          text.append(segment.timeline()).append(':');
        }
        text.append(segment.number()).append('-');
      }
      before = segment;
    }
    return archive(text.append(before.number()).toString());
  }

  @Test
  void newestSegment_isTheLastOfTheNewestTimeline() {
    assertThat(new WalArchive(archive("1:2-9 2:8-8")).newest()).contains(new WalSegment(2, 8));
    assertThat(new WalArchive(List.of()).newest()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "000000010000000000000002",
        "0000000A00000003000000FF",
        "FFFFFFFFFFFFFFFF000000FF"
      })
  void segmentName_survivesARoundTrip(String name) {
    assertThat(WalSegment.parse(name)).hasToString(name);
  }

  @Test
  void log_has256Segments() {
    assertThat(WalSegment.parse("0000000100000001000000FF").number() + 1)
        .isEqualTo(WalSegment.parse("000000010000000200000000").number());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00000001", "000000010000000000000100", "00000001000000000000000g"})
  void invalidSegmentName_isRejected(String name) {
    assertThatThrownBy(() -> WalSegment.parse(name)).isInstanceOf(IllegalArgumentException.class);
  }
}
