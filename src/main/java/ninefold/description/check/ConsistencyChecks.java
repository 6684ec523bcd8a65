package ninefold.description.check;

import java.util.List;
import java.util.function.BiConsumer;
import ninefold.description.Cluster;
import ninefold.description.problem.Problems;

/**
 * Checks whether the parts of a description are consistent. A check is skipped if it would depend
 * on a guess at what was meant.
 */
public final class ConsistencyChecks {
  private static final List<Check> CHECKS =
      List.of(
          new Check(NameChecks::run, "name", "nodes[].name", "backup.stanza"),
          new Check(NameChecks::clients, "network", "nodes[].name"),
          new Check(AccessChecks::run, "access"),
          new Check(AddressChecks::run, "network", "machines", "nodes[].address"),
          new Check(AddressChecks::firewall, "firewall"),
          new Check(RoleChecks::run, "durability", "nodes[].name", "nodes[].roles", "nodes[].tags"),
          new Check(
              PortChecks::run,
              "access",
              "firewall",
              "etcd",
              "postgresql",
              "pooling",
              "balancing",
              "backup",
              "nodes[].roles"),
          new Check(BalancingChecks::run, "balancing", "pooling"),
          new Check(BootstrapChecks::run, "bootstrap"),
          new Check(PackageChecks::run, "packages"),
          new Check(
              PostgresqlChecks::run,
              "durability",
              "packages",
              "postgresql",
              "pooling",
              "databases",
              "nodes"),
          new Check(SlotChecks::run, "postgresql", "databases", "nodes[].name", "nodes[].roles"),
          new Check(DatabaseChecks::run, "databases", "drop", "durability", "pooling"),
          new Check(HiveChecks::run, "databases"),
          new Check(WipeChecks::run, "name", "drop", "machines", "nodes[].name", "nodes[].roles"),
          new Check(SecretChecks::run, "certificates", "passwords", "databases"),
          new Check(MachineChecks::run, "machines", "nodes"));

  private ConsistencyChecks() {}

  /** Adds the contradictions between parts of a description that are valid by themselves. */
  public static void run(Cluster cluster, Problems problems) {
    CHECKS.stream()
        .filter(check -> problems.hasNoGuess(check.paths()))
        .forEach(check -> check.body().accept(cluster, problems));
  }

  /** A check, and the paths that it reads. */
  private record Check(BiConsumer<Cluster, Problems> body, List<String> paths) {
    Check(BiConsumer<Cluster, Problems> body, String... paths) {
      this(body, List.of(paths));
    }
  }
}
