package ninefold.cluster;

import java.util.TreeSet;

/** Whether certificates can be renewed, and passwords that are to be made anew exist. */
final class SecretChecks {
  /** The user of the statistics page. */
  private static final String STATISTICS = "statistics";

  /** Database nodes, to Patroni's REST API. */
  private static final String PATRONI = "patroni";

  private SecretChecks() {}

  static void run(Cluster cluster, Problems problems) {
    Certificates certificates = cluster.certificates();
    if (certificates.alsoTrusted() == certificates.authority()) {
      problems.add(
          "certificates.alsoTrusted",
          certificates.alsoTrusted() + " is the authority that signs, which is trusted anyway",
          "name another generation, or leave it out");
    }
    if (certificates.renewDays() > certificates.days()) {
      problems.add(
          "certificates.renewDays",
          "%d is more than the %d days that a certificate holds"
              .formatted(certificates.renewDays(), certificates.days()),
          "make it certificates.days at most; less, or each run makes them anew");
    }
    TreeSet<String> users = new TreeSet<>();
    cluster.databases().forEach(database -> users.add(database.owner()));
    users.add(STATISTICS);
    users.add(PATRONI);
    for (String user : cluster.passwords().keySet()) {
      if (!users.contains(user)) {
        problems.add(
            Problem.at("passwords", user),
            user + " has no password",
            "allowed: " + String.join(", ", users));
      }
    }
  }
}
