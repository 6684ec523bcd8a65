package ninefold.description.check;

import java.util.List;
import java.util.Set;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Role;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/**
 * Whether data to delete is confirmed by name, and belongs to this cluster. The data that the last
 * {@code up} named is deleted together with a removed node, so leftover names are refused too.
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
    checks.requireNames();
    checks.checkNames("drop.data", cluster.drop().data(), Set.of(Role.POSTGRES, Role.ETCD), "data");
    checks.checkNames("drop.backups", cluster.drop().backups(), Set.of(Role.REPOSITORY), "backups");
  }

  private void requireNames() {
    if (wipes() && cluster.drop().data().isEmpty() && cluster.drop().backups().isEmpty()) {
      problems.add(
          "machines.wipe",
          "true, but drop names no data to delete",
          "name each node in drop.data as %s/NODE, and the repository in drop.backups; or remove wipe"
              .formatted(cluster.name()));
    }
  }

  private void checkNames(String path, List<String> named, Set<Role> roles, String what) {
    List<String> allowed = nodes(roles);
    for (int i = 0; i < named.size(); i++) {
      String place = Problem.at(path, i);
      String entry = named.get(i);
      if (cluster.machines() instanceof Machines.Libvirt) {
        problems.add(
            place,
            entry + " has no effect: virtual machines are deleted as a whole",
            "remove it; machines.protect protects their disks");
      } else if (!wipes()) {
        problems.add(
            place,
            entry + " is listed, but machines.wipe is not true",
            "remove it; or set machines.wipe: true, if its %s must be deleted".formatted(what));
      } else if (!allowed.contains(entry)) {
        problems.add(
            place,
            "%s is not a node of cluster %s with %s".formatted(entry, cluster.name(), what),
            "allowed: %s; data that the last pulumi up listed is deleted with its node: to keep it, add"
                    .formatted(String.join(", ", allowed))
                + " the node again, and run pulumi up without wipe first");
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
