package ninefold.description.check;

import java.util.TreeSet;
import ninefold.description.Certificates;
import ninefold.description.Cluster;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether certificates can be renewed, and passwords that are to be made anew exist. */
final class SecretChecks {
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
    TreeSet<String> users = new TreeSet<>(cluster.usersWithPasswords());
    users.add(Cluster.EVERYBODY);
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
