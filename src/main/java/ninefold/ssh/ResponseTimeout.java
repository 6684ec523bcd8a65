package ninefold.ssh;

import java.time.Duration;
import java.time.Instant;

/**
 * How long each answer of an ssh server may take: the time that is left, within bounds.
 *
 * @param longest the most, however much time is left
 * @param shortest the least, however little time is left
 */
record ResponseTimeout(Duration longest, Duration shortest) {
  /** For machines that may still boot, such as before the first step. */
  static final ResponseTimeout BEFORE_STEPS =
      new ResponseTimeout(Duration.ofSeconds(20), Duration.ofSeconds(5));

  /** The same time for each answer. */
  static ResponseTimeout of(Duration each) {
    return new ResponseTimeout(each, each);
  }

  /** How long the next answer may take, in milliseconds. */
  int milliseconds(Instant deadline) {
    var left = Duration.between(Instant.now(), deadline);
    var most = left.compareTo(longest) < 0 ? left : longest;
    return (int) Math.max(most.toMillis(), shortest.toMillis());
  }
}
