package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The description of one cluster: everything that a user edits. */
@Doc("A highly available PostgreSQL cluster.")
public record Cluster(
    @Doc("The cluster's name. It is also Patroni's scope and, by default, pgBackRest's stanza.")
        @Written(Form.NAME)
        String name,
    @Doc("The network and the addresses that clients use.") Network network,
    @Doc("Which acknowledged writes may be lost when a node fails.") @Default("sync")
        Durability durability,
    @Doc("How quickly the cluster reacts to a fault.") @Default("normal") Failover failover,
    @Doc("How to reach the machines.") @Default("{}") Access access,
    @Doc("Who may reach the machines from outside the cluster.") @Default("{}") Firewall firewall,
    @Doc("How long certificates are valid, and which CA signs them.") @Default("{}")
        Certificates certificates,
    @Doc(
            "Generation of a user's password; 1 if the user is not listed. A higher number creates a"
                + " new password. `all` raises the generation of every user by its value minus 1.")
        @Default("{}")
        @Written(value = Form.IDENTIFIER, keys = Form.IDENTIFIER)
        @Min(1)
        @Max(1000000)
        Map<String, Integer> passwords,
    @Doc("Where packages come from.") @Default("{}") Packages packages,
    @Doc("Time synchronization.") @Default("{}") Time time,
    @Doc("Settings of etcd.") @Default("{}") Etcd etcd,
    @Doc("Settings of PostgreSQL and Patroni.") @Default("{}") Postgresql postgresql,
    @Doc("Settings of PgBouncer.") @Default("{}") Pooling pooling,
    @Doc("Settings of HAProxy.") @Default("{}") Balancing balancing,
    @Doc("Settings of pgBackRest.") @Default("{}") Backup backup,
    @Doc("Limits beyond which the cluster counts as unhealthy.") @Default("{}") Health health,
    @Doc("The applications' databases.") @Default("[]") List<Database> databases,
    @Doc("Databases, users and data to delete.") @Default("{}") Dropped drop,
    @Doc("Where the machines come from.") Machines machines,
    @Doc("The cluster's machines.") @NotEmpty List<Node> nodes) {

  /** Stands for all users in {@code passwords}; no user may have this name. */
  static final String EVERYBODY = "all";

  /** Database nodes, to Patroni's REST API. */
  private static final String PATRONI = "patroni";

  /** The user of the statistics page. */
  private static final String STATISTICS = "statistics";

  /** Keeps copies that cannot be changed. */
  public Cluster {
    passwords = Collections.unmodifiableSortedMap(new TreeMap<>(passwords));
    databases = List.copyOf(databases);
    nodes = List.copyOf(nodes);
  }

  /** The nodes that have the role, in the description's order. */
  public List<Node> nodes(Role role) {
    return nodes.stream().filter(node -> node.is(role)).toList();
  }

  /** The networks of operators, who look at statistics; without any, the cluster's own. */
  public List<String> operators() {
    return firewall.operators().isEmpty() ? List.of(network.cidr()) : firewall.operators();
  }

  /** The users whose passwords can be replaced. */
  SortedSet<String> usersWithPasswords() {
    SortedSet<String> users = new TreeSet<>(Set.of(PATRONI, STATISTICS));
    databases.forEach(database -> users.add(database.owner()));
    return users;
  }

  /** The generation of the password of that name; 1 if it cannot be replaced. */
  public int passwordGeneration(String name) {
    return usersWithPasswords().contains(name)
        ? passwords.getOrDefault(name, 1) + passwords.getOrDefault(EVERYBODY, 1) - 1
        : 1;
  }

  /** A node's name with the cluster's before it, as {@code drop} names it. */
  public String qualified(Node node) {
    return name + "/" + node.name();
  }

  /** The database of a Hive Metastore, if there is one. */
  public Optional<Database> metastore() {
    return databases.stream().filter(database -> database.hive().isPresent()).findFirst();
  }

  /**
   * Client connections that one PgBouncer accepts for a database. Unless described, they leave room
   * for as many clients of the other databases as their pools can serve, up to a quarter of all.
   */
  public int maxClients(Database database) {
    int all = pooling.maxClients();
    if (database.maxClients().isPresent()) {
      return database.maxClients().get();
    }
    int others =
        databases.stream()
            .filter(other -> !other.name().equals(database.name()))
            .mapToInt(other -> other.poolSize(pooling))
            .sum();
    return Math.min(all, Math.max(database.poolSize(pooling), all - Math.min(others, all / 4)));
  }

  /** The stanza under which this cluster's backups are kept. */
  public String stanza() {
    return backup.stanza().orElse(name);
  }
}
