package ninefold.description;

import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * What to delete. Each deletion takes two changes of the description: an entry here, and the
 * removal from {@code databases}. For the data of nodes the second change is {@code machines.wipe}.
 */
public record DropList(
    @Description("Databases to drop with their contents. Remove them from databases as well.")
        @Default("[]")
        @Format(TextFormat.IDENTIFIER)
        List<String> databases,
    @Description("Users to drop. They must no longer own a database.")
        @Default("[]")
        @Format(TextFormat.IDENTIFIER)
        List<String> users,
    @Description(
            "Nodes, each as CLUSTER/NODE, whose PostgreSQL and etcd data to delete when they leave the"
                + " cluster or the stack is destroyed. Requires machines.wipe: true.")
        @Default("[]")
        @Format(TextFormat.CLUSTER_NODE)
        List<String> data,
    @Description(
            "The repository, as CLUSTER/NODE, whose backups to delete when it leaves the cluster or"
                + " the stack is destroyed. Requires machines.wipe: true.")
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
