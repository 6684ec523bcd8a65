package ninefold.cluster;

import java.util.List;

/**
 * What is to be destroyed: the second of the two places that must say so. The first is {@code
 * databases}, from which it has been taken out; for the data of nodes it is {@code machines.wipe}.
 */
public record Dropped(
    @Doc("Databases to drop with their contents. Remove them from databases as well.")
        @Default("[]")
        @Written(Form.IDENTIFIER)
        List<String> databases,
    @Doc("Users to drop. They must no longer own a database.")
        @Default("[]")
        @Written(Form.IDENTIFIER)
        List<String> users,
    @Doc(
            "Nodes, each as CLUSTER/NODE, whose PostgreSQL and etcd data to delete when they leave the"
                + " cluster or the stack is destroyed. Requires machines.wipe: true.")
        @Default("[]")
        @Written(Form.CLUSTER_NODE)
        List<String> data,
    @Doc(
            "The repository, as CLUSTER/NODE, whose backups to delete when it leaves the cluster or"
                + " the stack is destroyed. Requires machines.wipe: true.")
        @Default("[]")
        @Written(Form.CLUSTER_NODE)
        List<String> backups) {

  /** Keeps copies that cannot be changed. */
  public Dropped {
    databases = List.copyOf(databases);
    users = List.copyOf(users);
    data = List.copyOf(data);
    backups = List.copyOf(backups);
  }
}
