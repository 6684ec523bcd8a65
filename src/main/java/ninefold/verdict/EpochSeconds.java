package ninefold.verdict;

import java.time.Duration;
import java.time.Instant;

/** Converts times that machines report: seconds since 1970, with a fraction. */
final class EpochSeconds {
  private static final double NANOS = 1e9;

  private EpochSeconds() {}

  static Instant of(double seconds) {
    double whole = Math.floor(seconds);
    return Instant.ofEpochSecond((long) whole, Math.round((seconds - whole) * NANOS));
  }

  /** A duration in seconds, with a fraction. */
  static double seconds(Duration duration) {
    return duration.getSeconds() + duration.getNano() / NANOS;
  }
}
