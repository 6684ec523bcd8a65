package ninefold.description.check;

import ninefold.description.Bootstrap;
import ninefold.description.Cluster;
import ninefold.description.RecoveryTarget;
import ninefold.description.problem.Problems;

/** Whether the target of a recovery exists in the calendar. */
final class BootstrapChecks {
  private BootstrapChecks() {}

  static void run(Cluster cluster, Problems problems) {
    cluster.bootstrap().ifPresent(bootstrap -> target(bootstrap, problems));
  }

  private static void target(Bootstrap bootstrap, Problems problems) {
    try {
      bootstrap.target();
    } catch (IllegalArgumentException e) {
      problems.add(
          "bootstrap.to",
          "'" + bootstrap.to() + "' is not a recovery target",
          "write one of: " + RecoveryTarget.NOTATION);
    }
  }
}
