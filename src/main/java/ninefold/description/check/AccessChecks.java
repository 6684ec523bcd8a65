package ninefold.description.check;

import java.util.List;
import ninefold.description.Access;
import ninefold.description.Cluster;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether the ssh users are users that may log in: no user of a service. */
final class AccessChecks {
  private AccessChecks() {}

  static void run(Cluster cluster, Problems problems) {
    Access access = cluster.access();
    service("access.user", access.user(), problems);
    for (int i = 0; i < access.users().size(); i++) {
      service(Problem.at("access.users", i), access.users().get(i), problems);
    }
  }

  private static void service(String path, String user, Problems problems) {
    List<String> services = Access.SERVICE_USERS;
    if (services.contains(user)) {
      problems.add(
          path,
          user + " runs a service and may not log in by ssh",
          "name a different user; not allowed: " + String.join(", ", services));
    }
  }
}
