package ninefold.host;

import java.util.List;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * The data that is deleted on an existing host when its steps are removed. The description must ask
 * for it twice: with {@code machines.wipe} and with the node's name in {@code drop}.
 *
 * @param data whether the data of PostgreSQL and etcd is deleted
 * @param pgBackRest whether pgBackRest's files are deleted: backups on the repository, logs on
 *     other nodes
 * @param all whether nothing stays, not even the notes about which cluster owns the data
 */
public record WipeScope(boolean data, boolean pgBackRest, boolean all) {

  /** No data is deleted. */
  public static final WipeScope NOTHING = new WipeScope(false, false, false);

  /** Returns the data that the description asks to delete on a node. */
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

  /** Returns a warning for each run while {@code machines.wipe} is in force, if it is. */
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

  /** Returns whether the script of this name is run with {@code wipe}. */
  boolean by(String script) {
    return switch (script) {
      case "leave" -> all;
      case "pgbackrest" -> pgBackRest;
      default -> data;
    };
  }
}
