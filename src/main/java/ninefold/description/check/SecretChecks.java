package ninefold.description.check;

import java.util.TreeSet;
import ninefold.description.Certificates;
import ninefold.description.Cluster;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;
import ninefold.description.schema.DurationText;

/** Whether certificates can be renewed, and the users of new passwords exist. */
final class SecretChecks {
  private SecretChecks() {}

  static void run(Cluster cluster, Problems problems) {
    Certificates certificates = cluster.certificates();
    certificates
        .additionalTrustedCa()
        .filter(generation -> generation == certificates.ca())
        .ifPresent(
            generation ->
                problems.add(
                    "certificates.additionalTrustedCa",
                    generation + " is the CA that signs, which is always trusted",
                    "name a different generation, or remove the key"));
    if (certificates.renewBefore().compareTo(certificates.validity()) > 0) {
      problems.add(
          "certificates.renewBefore",
          "%s is longer than certificates.validity, %s"
              .formatted(
                  DurationText.of(certificates.renewBefore()),
                  DurationText.of(certificates.validity())),
          "make it shorter than certificates.validity, or each run renews all certificates");
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
