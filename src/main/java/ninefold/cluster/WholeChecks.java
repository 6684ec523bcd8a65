package ninefold.cluster;

/** Checks how the parts of a description fit together, which no single value can show. */
final class WholeChecks {
  private WholeChecks() {}

  static void run(Cluster cluster, Problems problems) {
    AddressChecks.run(cluster, problems);
    RoleChecks.run(cluster, problems);
    PortChecks.run(cluster, problems);
    PostgresqlChecks.run(cluster, problems);
    DatabaseChecks.run(cluster, problems);
    MachineChecks.run(cluster, problems);
  }
}
