package ninefold.description.check;

import ninefold.description.Cluster;
import ninefold.description.Packages;
import ninefold.description.problem.Problems;

/** Whether the sources of packages go together. */
final class PackageChecks {
  private PackageChecks() {}

  static void run(Cluster cluster, Problems problems) {
    Packages packages = cluster.packages();
    if (packages.securityMirror().isPresent() && packages.mirror().isEmpty()) {
      problems.add(
          "packages.securityMirror",
          packages.securityMirror().get()
              + " means nothing: without packages.mirror the machines' own sources are used",
          "name a mirror in packages.mirror too, or leave it out");
    }
  }
}
