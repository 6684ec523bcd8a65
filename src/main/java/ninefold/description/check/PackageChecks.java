package ninefold.description.check;

import ninefold.description.Cluster;
import ninefold.description.Packages;
import ninefold.description.problem.Problems;

/** Whether the sources of packages fit together. */
final class PackageChecks {
  private PackageChecks() {}

  static void run(Cluster cluster, Problems problems) {
    Packages packages = cluster.packages();
    if (packages.securityMirror().isPresent() && packages.mirror().isEmpty()) {
      problems.add(
          "packages.securityMirror",
          packages.securityMirror().get()
              + " has no effect: without packages.mirror the machines use their own sources",
          "set packages.mirror too, or remove the key");
    }
  }
}
