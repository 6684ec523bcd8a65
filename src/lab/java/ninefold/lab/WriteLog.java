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

/** What became of each write of a client. Threads may write into it together. */
final class WriteLog {
  private final List<Acknowledgment> acknowledged = new ArrayList<>();
  private final Set<Long> failed = new HashSet<>();
  private final Set<Long> unknown = new HashSet<>();
  private final Map<String, Integer> errors = new TreeMap<>();

  /**
   * A write that the cluster confirmed.
   *
   * @param id the row's id
   * @param nanos when the confirmation came, by {@link System#nanoTime}
   * @param server the address of the PostgreSQL that made it
   */
  record Acknowledgment(long id, long nanos, String server) {}

  /**
   * What one node has, against what the client was told.
   *
   * @param missing acknowledged, and not there
   * @param unexpected failed for certain, and there; or never written by the client at all
   * @param unknownPresent of unknown outcome, and there
   */
  record Comparison(Set<Long> missing, Set<Long> unexpected, int unknownPresent) {
    boolean clean() {
      return missing.isEmpty() && unexpected.isEmpty();
    }
  }

  synchronized void acknowledged(long id, long nanos, String server) {
    acknowledged.add(new Acknowledgment(id, nanos, server));
  }

  /** Not committed, for certain. */
  synchronized void failed(long id, String error) {
    failed.add(id);
    errors.merge(error, 1, Integer::sum);
  }

  /** Sent, with no answer to rely on. */
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

  /** Each error with how often it was met. */
  synchronized Map<String, Integer> errors() {
    return Map.copyOf(errors);
  }

  /** The acknowledgments that came after a moment. */
  synchronized List<Acknowledgment> since(long nanos) {
    return acknowledged.stream().filter(write -> write.nanos() - nanos > 0).toList();
  }

  /** The longest time without an acknowledgment between two moments, both of them counted in. */
  synchronized Duration longestGap(long from, long to) {
    return longestGap(acknowledged.stream().map(Acknowledgment::nanos), from, to);
  }

  /** The same for acknowledgments that came at some moments, in any order. */
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

  /** Compares with the ids that a node has. */
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
