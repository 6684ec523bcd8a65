package ninefold.description.check;

import java.util.List;
import java.util.Set;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Role;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/**
 * Whether data that is to be deleted is named a second time, and is this cluster's. What the last
 * {@code up} named is deleted with a node that the description no longer has, so a name that stays
 * behind is refused too.
 */
final class WipeChecks {
  private final Cluster cluster;
  private final Problems problems;

  private WipeChecks(Cluster cluster, Problems problems) {
    this.cluster = cluster;
    this.problems = problems;
  }

  static void run(Cluster cluster, Problems problems) {
    WipeChecks checks = new WipeChecks(cluster, problems);
    checks.named();
    checks.each("drop.data", cluster.drop().data(), Set.of(Role.POSTGRES, Role.ETCD), "data");
    checks.each("drop.backups", cluster.drop().backups(), Set.of(Role.REPOSITORY), "backups");
  }

  private void named() {
    if (wipes() && cluster.drop().data().isEmpty() && cluster.drop().backups().isEmpty()) {
      problems.add(
          "machines.wipe",
          "true, and drop names no data that is to be deleted",
          "name each node in drop.data as %s/NODE, and the repository in drop.backups; or leave wipe out"
              .formatted(cluster.name()));
    }
  }

  private void each(String path, List<String> named, Set<Role> roles, String what) {
    List<String> allowed = nodes(roles);
    for (int i = 0; i < named.size(); i++) {
      String place = Problem.at(path, i);
      String entry = named.get(i);
      if (cluster.machines() instanceof Machines.Libvirt) {
        problems.add(
            place,
            entry + " means nothing: machines made here go whole",
            "leave it out; machines.protect decides about their disks");
      } else if (!wipes()) {
        problems.add(
            place,
            entry + " is named, and machines.wipe is not true",
            "leave it out; or set machines.wipe: true, if its %s must be deleted".formatted(what));
      } else if (!allowed.contains(entry)) {
        problems.add(
            place,
            "%s is no node of cluster %s that holds %s".formatted(entry, cluster.name(), what),
            "allowed: %s; what the last pulumi up named is deleted with its node: to keep it, put the"
                    .formatted(String.join(", ", allowed))
                + " node back, and run pulumi up without wipe first");
      }
    }
  }

  private boolean wipes() {
    return cluster.machines() instanceof Machines.Given given && given.wipe();
  }

  private List<String> nodes(Set<Role> roles) {
    return cluster.nodes().stream()
        .filter(node -> node.roles().stream().anyMatch(roles::contains))
        .map(cluster::qualified)
        .toList();
  }
}
