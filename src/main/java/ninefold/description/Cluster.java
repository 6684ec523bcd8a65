package ninefold.description;

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
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** The description of one cluster: everything that a user edits. */
@Description("A highly available PostgreSQL cluster.")
public record Cluster(
    @Description(
            "The cluster's name. It is also Patroni's scope and, by default, pgBackRest's stanza.")
        @Format(TextFormat.NAME)
        String name,
    @Description("The network and the addresses that clients use.") Network network,
    @Description("Which acknowledged writes may be lost when a node fails.") @Default("sync")
        Durability durability,
    @Description("How quickly the cluster reacts to a fault.") @Default("normal") Failover failover,
    @Description("How to reach the machines.") @Default("{}") Access access,
    @Description("Access to the machines from outside the cluster.") @Default("{}")
        Firewall firewall,
    @Description("How long certificates are valid, and which CA signs them.") @Default("{}")
        Certificates certificates,
    @Description(
            "Generation of a user's password; 1 if the user is not listed. A higher number creates a"
                + " new password. `all` raises the generation of every user by its value minus 1.")
        @Default("{}")
        @Format(value = TextFormat.IDENTIFIER, keys = TextFormat.IDENTIFIER)
        @Min(1)
        @Max(1000000)
        Map<String, Integer> passwords,
    @Description("Where packages come from.") @Default("{}") Packages packages,
    @Description("Time synchronization.") @Default("{}") TimeSync time,
    @Description("Settings of etcd.") @Default("{}") EtcdSettings etcd,
    @Description("Settings of PostgreSQL and Patroni.") @Default("{}")
        PostgresqlSettings postgresql,
    @Description("Settings of PgBouncer.") @Default("{}") PoolingSettings pooling,
    @Description("Settings of HAProxy.") @Default("{}") BalancingSettings balancing,
    @Description("Settings of pgBackRest.") @Default("{}") BackupSettings backup,
    @Description(
            "Creates a cluster that has no data yet from backups. Afterwards, the key does nothing"
                + " as long as one database node has data.")
        Optional<Bootstrap> bootstrap,
    @Description("Limits beyond which the cluster counts as unhealthy.") @Default("{}")
        Health health,
    @Description("The applications' databases.") @Default("[]") List<Database> databases,
    @Description("Databases, users and data to delete.") @Default("{}") DropList drop,
    @Description("Where the machines come from.") Machines machines,
    @Description("The cluster's machines.") @NotEmpty List<Node> nodes) {

  /** The key in {@code passwords} for all users; no user may have this name. */
  public static final String EVERYBODY = "all";

  /** The name of the password for Patroni's REST API. */
  public static final String PATRONI = "patroni";

  /** The name of the password for the statistics page. */
  public static final String STATISTICS = "statistics";

  /** The cluster's own database. No application's database may have this name. */
  public static final String OWN_DATABASE = "ninefold";

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

  /** The networks of operators; the cluster's own network if none are described. */
  public List<String> operators() {
    return firewall.operators().isEmpty() ? List.of(network.cidr()) : firewall.operators();
  }

  /** The users whose passwords can be replaced. */
  public SortedSet<String> usersWithPasswords() {
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

  /** A node as {@code CLUSTER/NODE}, the form in {@code drop}. */
  public String qualified(Node node) {
    return name + "/" + node.name();
  }

  /** The same cluster with these databases. */
  Cluster withDatabases(List<Database> described) {
    return new Cluster(
        name,
        network,
        durability,
        failover,
        access,
        firewall,
        certificates,
        passwords,
        packages,
        time,
        etcd,
        postgresql,
        pooling,
        balancing,
        backup,
        bootstrap,
        health,
        described,
        drop,
        machines,
        nodes);
  }

  /**
   * The number of client connections that one PgBouncer accepts for a database. By default this is
   * {@code pooling.maxClients} minus the pool sizes of the other databases, but at least the
   * database's own pool size and three quarters of {@code pooling.maxClients}.
   */
  public int maxClients(Database database) {
    int all = pooling.maxClients();
    if (database.maxClients().isPresent()) {
      return database.maxClients().get();
    }
    int others =
        databases.stream()
            .filter(other -> !other.name().equals(database.name()))
            .mapToInt(other -> other.effectivePoolSize(pooling))
            .sum();
    return Math.min(
        all, Math.max(database.effectivePoolSize(pooling), all - Math.min(others, all / 4)));
  }

  /** pgBackRest's stanza for this cluster. */
  public String stanza() {
    return backup.stanza().orElse(name);
  }
}
