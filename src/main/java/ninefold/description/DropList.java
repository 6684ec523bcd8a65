package ninefold.description;

import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * What is to be destroyed: the second of the two places that must say so. The first is {@code
 * databases}, from which it has been taken out; for the data of nodes it is {@code machines.wipe}.
 *
 * @param databases databases that are dropped with all they hold
 * @param users users that are dropped; each must own nothing any more
 * @param data nodes whose data is deleted as they leave the cluster, as in {@code mine/postgres1}
 * @param backups the node whose backups are deleted as it leaves the cluster
 */
public record DropList(
    @Description("Databases that are dropped with all they hold; not among databases any more.")
        @Default("[]")
        @Format(TextFormat.IDENTIFIER)
        List<String> databases,
    @Description("Users that are dropped; they own no database any more.")
        @Default("[]")
        @Format(TextFormat.IDENTIFIER)
        List<String> users,
    @Description(
            "Nodes, each as CLUSTER/NODE, whose data of PostgreSQL and etcd is deleted when they leave"
                + " the cluster, by destroy too; machines.wipe must be true.")
        @Default("[]")
        @Format(TextFormat.CLUSTER_NODE)
        List<String> data,
    @Description(
            "The repository, as CLUSTER/NODE, if its backups are deleted when it leaves the cluster,"
                + " by destroy too; machines.wipe must be true.")
        @Default("[]")
        @Format(TextFormat.CLUSTER_NODE)
        List<String> backups) {

  /** Keeps copies that cannot be changed. */
  public DropList {
    databases = List.copyOf(databases);
    users = List.copyOf(users);
    data = List.copyOf(data);
    backups = List.copyOf(backups);
  }
}
