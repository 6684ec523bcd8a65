package ninefold.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for a condition, with a limit, and never for a time. */
final class Eventually {
  private static final long BETWEEN_MILLIS = 200;

  private Eventually() {}

  /**
   * Polls until nothing is lacking.
   *
   * @param what the condition, for the message
   * @param limit how long it may take
   * @param lacking what is not so yet; empty once the condition holds
   * @throws AssertionError with what was lacking last, when the limit is reached
   */
  static void holds(String what, Duration limit, Supplier<Optional<String>> lacking) {
    long end = System.nanoTime() + limit.toNanos();
    for (; ; ) {
      var lack = tried(lacking);
      if (lack.isEmpty()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            what + ": not so after " + limit.toSeconds() + " s\n" + lack.get());
      }
      pause(BETWEEN_MILLIS);
    }
  }

  /** A machine that can't be asked just now lacks something too. */
  private static Optional<String> tried(Supplier<Optional<String>> lacking) {
    try {
      return lacking.get();
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
