package ninefold.lab;

import java.util.Optional;

/**
 * What an attacker tries, with the strongest rights of a foothold.
 *
 * @param by the foothold
 * @param tries what is tried; a phrase that completes "tries to"
 * @param stoppedBy what keeps it from succeeding, or why it was not tried
 * @param trial makes the attempt, and fails if it succeeds; does also what is allowed, which must
 *     succeed
 */
record Attempt(Foothold by, String tries, String stoppedBy, Optional<Trial> trial) {

  /** An attempt that can be made. */
  @FunctionalInterface
  interface Trial {
    /** Makes the attempt on a cluster that is healthy, and leaves it as it was. */
    void on(AttackedCluster cluster) throws Exception;
  }

  Attempt(Foothold by, String tries, String stoppedBy, Trial trial) {
    this(by, tries, stoppedBy, Optional.of(trial));
  }

  /** What can't be tried in the lab, with the reason. */
  static Attempt untried(Foothold by, String tries, String why) {
    return new Attempt(by, tries, "not tried: " + why, Optional.empty());
  }
}
