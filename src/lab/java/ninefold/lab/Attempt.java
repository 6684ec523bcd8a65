package ninefold.lab;

import java.util.Optional;

/**
 * An attack, made with all the rights of a foothold.
 *
 * @param by the foothold
 * @param tries the attack, as a phrase that completes "tries to"
 * @param stoppedBy what prevents its success, or why it is not tried
 * @param trial makes the attempt and fails if it succeeds; also does something similar that is
 *     allowed and must succeed
 */
record Attempt(Foothold by, String tries, String stoppedBy, Optional<Trial> trial) {

  /** The code of an attempt. */
  @FunctionalInterface
  interface Trial {
    /** Makes the attempt on a healthy cluster and restores the cluster afterwards. */
    void on(AttackedCluster cluster) throws Exception;
  }

  Attempt(Foothold by, String tries, String stoppedBy, Trial trial) {
    this(by, tries, stoppedBy, Optional.of(trial));
  }

  /** Creates an attempt that the lab cannot make, with the reason. */
  static Attempt untried(Foothold by, String tries, String why) {
    return new Attempt(by, tries, "not tried: " + why, Optional.empty());
  }
}
