package ninefold.ssh;

import java.time.Duration;
import java.time.Instant;

/**
 * How long each answer of an ssh server may take.
 *
 * @param longest while the limit is far
 * @param shortest even where the limit is near
 */
record ResponseTimeout(Duration longest, Duration shortest) {
  /** For machines that may still boot, as before the first step. */
  static final ResponseTimeout BEFORE_STEPS =
      new ResponseTimeout(Duration.ofSeconds(20), Duration.ofSeconds(5));

  /** The same time for each answer. */
  static ResponseTimeout of(Duration each) {
    return new ResponseTimeout(each, each);
  }

  /** Milliseconds that the next answer may take. */
  int milliseconds(Instant limit) {
    var left = Duration.between(Instant.now(), limit);
    var most = left.compareTo(longest) < 0 ? left : longest;
    return (int) Math.max(most.toMillis(), shortest.toMillis());
  }
}
