package ninefold.lab;

import static java.util.stream.Collectors.toCollection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The outcome of each write of a client. It is safe for use by several threads. */
final class WriteLog {
  private final List<Acknowledgment> acknowledged = new ArrayList<>();
  private final Set<Long> failed = new HashSet<>();
  private final Set<Long> unknown = new HashSet<>();
  private final Map<String, Integer> errors = new TreeMap<>();

  /**
   * A write that the cluster confirmed.
   *
   * @param id the row's id
   * @param nanos the time of the acknowledgment, by {@link System#nanoTime}
   * @param server the address of the PostgreSQL server that committed it
   */
  record Acknowledgment(long id, long nanos, String server) {}

  /**
   * The rows of one node, compared with the outcomes that the client saw.
   *
   * @param missing acknowledged, but absent
   * @param unexpected definitely failed, but present; or never written by the client
   * @param unknownPresent the number of writes with an unknown outcome that are present
   */
  record Comparison(Set<Long> missing, Set<Long> unexpected, int unknownPresent) {
    boolean clean() {
      return missing.isEmpty() && unexpected.isEmpty();
    }
  }

  synchronized void acknowledged(long id, long nanos, String server) {
    acknowledged.add(new Acknowledgment(id, nanos, server));
  }

  /** Records a write that was definitely not committed. */
  synchronized void failed(long id, String error) {
    failed.add(id);
    errors.merge(error, 1, Integer::sum);
  }

  /** Records a write whose outcome is unknown. */
  synchronized void unknown(long id, String error) {
    unknown.add(id);
    errors.merge(error, 1, Integer::sum);
  }

  synchronized int acknowledged() {
    return acknowledged.size();
  }

  synchronized int failed() {
    return failed.size();
  }

  synchronized int unknown() {
    return unknown.size();
  }

  /** Returns each error with its count. */
  synchronized Map<String, Integer> errors() {
    return Map.copyOf(errors);
  }

  /** Returns the acknowledgments after a time. */
  synchronized List<Acknowledgment> since(long nanos) {
    return acknowledged.stream().filter(write -> write.nanos() - nanos > 0).toList();
  }

  /**
   * Returns the longest time without an acknowledgment in an interval. The ends of the interval
   * count like acknowledgments.
   */
  synchronized Duration longestGap(long from, long to) {
    return longestGap(acknowledged.stream().map(Acknowledgment::nanos), from, to);
  }

  /** Does the same for the times of acknowledgments, in any order. */
  static Duration longestGap(Stream<Long> moments, long from, long to) {
    var between =
        moments
            .map(nanos -> nanos - from)
            .filter(nanos -> nanos >= 0 && nanos <= to - from)
            .collect(toCollection(TreeSet::new));
    between.add(to - from);
    long longest = 0;
    long last = 0;
    for (long moment : between) {
      longest = Math.max(longest, moment - last);
      last = moment;
    }
    return Duration.ofNanos(longest);
  }

  /** Compares the outcomes with the ids that are present on a node. */
  synchronized Comparison compare(Set<Long> present) {
    var missing = new TreeSet<Long>();
    acknowledged.stream().map(Acknowledgment::id).forEach(missing::add);
    var unexpected = new TreeSet<>(present);
    unexpected.removeAll(missing);
    unexpected.removeAll(unknown);
    missing.removeAll(present);
    int unknownPresent = (int) unknown.stream().filter(present::contains).count();
    return new Comparison(missing, unexpected, unknownPresent);
  }
}
