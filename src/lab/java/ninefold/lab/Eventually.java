package ninefold.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for a condition with a time limit, instead of sleeping for a fixed time. */
final class Eventually {
  private static final long BETWEEN_MILLIS = 200;

  private Eventually() {}

  /**
   * Polls until the condition holds.
   *
   * @param what the condition, for the error message
   * @param limit the longest time to wait
   * @param missing returns what is still missing, or empty once the condition holds
   * @throws AssertionError if the limit is reached; its message contains what was missing at last
   */
  static void holds(String what, Duration limit, Supplier<Optional<String>> missing) {
    long end = System.nanoTime() + limit.toNanos();
    for (; ; ) {
      var problem = evaluate(missing);
      if (problem.isEmpty()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            what + ": not reached after " + limit.toSeconds() + " s\n" + problem.get());
      }
      pause(BETWEEN_MILLIS);
    }
  }

  /** A machine that does not answer counts as a missing condition. */
  private static Optional<String> evaluate(Supplier<Optional<String>> missing) {
    try {
      return missing.get();
    } catch (LabFailure e) {
      return Optional.of(e.getMessage());
    }
  }

  static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
