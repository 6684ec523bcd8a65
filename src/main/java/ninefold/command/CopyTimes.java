package ninefold.command;

import java.time.Instant;
import java.util.Optional;
import ninefold.description.RecoveryTarget;

/** Whether a point in time can be recovered at all. */
final class CopyTimes {
  private CopyTimes() {}

  /** Why there is nothing to recover at this point; empty if there may be. */
  static Optional<String> refusal(RecoveryTarget to, Instant now) {
    return to instanceof RecoveryTarget.Time time && time.at().toInstant().isAfter(now)
        ? Optional.of(time + " is in the future; by this machine's clock it is " + now)
        : Optional.empty();
  }
}
