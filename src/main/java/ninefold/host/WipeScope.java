package ninefold.host;

import java.util.List;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * What is deleted on a machine when its steps are taken away: only what the description asks for
 * twice, by {@code machines.wipe} and by the node's name in {@code drop}.
 *
 * @param data the data of PostgreSQL and etcd
 * @param pgBackRest backups, on the repository; logs, elsewhere
 * @param all everything, with the notes of which cluster's data it is
 */
public record WipeScope(boolean data, boolean pgBackRest, boolean all) {

  /** All data stays. */
  public static final WipeScope NOTHING = new WipeScope(false, false, false);

  /** What the description names of a node. */
  public static WipeScope of(Cluster cluster, Node node) {
    if (!(cluster.machines() instanceof Machines.Given given) || !given.wipe()) {
      return NOTHING;
    }
    var name = cluster.qualified(node);
    var data = cluster.drop().data().contains(name);
    var backups = cluster.drop().backups().contains(name);
    var repository = node.is(Role.REPOSITORY);
    var stateful = node.is(Role.POSTGRES) || node.is(Role.ETCD);
    return new WipeScope(
        data, repository ? backups : data, (data || !stateful) && (backups || !repository));
  }

  /** What each run tells while data is named: it stays in force until another run takes it back. */
  public static Optional<String> warning(Cluster cluster) {
    if (!(cluster.machines() instanceof Machines.Given given) || !given.wipe()) {
      return Optional.empty();
    }
    return Optional.of(
        "machines.wipe is true: after this run, pulumi destroy deletes the data of %s and the backups on %s,"
                .formatted(listed(cluster.drop().data()), listed(cluster.drop().backups()))
            + " and so does a run whose description lacks one of these nodes. To keep them, remove wipe"
            + " and these names from the description, and run pulumi up before you do either.");
  }

  private static String listed(List<String> nodes) {
    return nodes.isEmpty() ? "no node" : String.join(", ", nodes);
  }

  /** Whether the script of that name deletes what it can delete. */
  boolean by(String script) {
    return switch (script) {
      case "leave" -> all;
      case "pgbackrest" -> pgBackRest;
      default -> data;
    };
  }
}
