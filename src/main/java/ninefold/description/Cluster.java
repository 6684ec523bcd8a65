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

/**
 * The description of one cluster: all that a user edits.
 *
 * @param name the cluster's name: Patroni's scope, and the stanza unless another is given
 * @param network addresses
 * @param durability the promise about acknowledged writes
 * @param failover how soon a fault is acted on
 * @param access how machines are reached
 * @param firewall who may reach them
 * @param certificates how long they hold, and which authority signs them
 * @param passwords generations of passwords, by user
 * @param packages where packages come from
 * @param time clocks
 * @param etcd the etcd cluster
 * @param postgresql PostgreSQL and Patroni
 * @param pooling PgBouncer
 * @param balancing HAProxy
 * @param backup pgBackRest
 * @param health the limits of what counts as healthy
 * @param databases applications' databases
 * @param drop what is to be destroyed
 * @param machines where machines come from
 * @param nodes the machines
 */
@Description("A highly available PostgreSQL cluster.")
public record Cluster(
    @Description("The cluster's name, Patroni's scope and by default the stanza.")
        @Format(TextFormat.NAME)
        String name,
    @Description("Addresses.") Network network,
    @Description("The promise about acknowledged writes.") @Default("sync") Durability durability,
    @Description("How soon a fault is acted on.") @Default("normal") Failover failover,
    @Description("How machines are reached.") @Default("{}") Access access,
    @Description("Who may reach the machines from outside the cluster.") @Default("{}")
        Firewall firewall,
    @Description("Certificates: how long they hold, and which authority signs them.") @Default("{}")
        Certificates certificates,
    @Description(
            "Generation of a user's password, 1 unless it stands here; raised to have a new one made."
                + " One more of `all` raises each.")
        @Default("{}")
        @Format(value = TextFormat.IDENTIFIER, keys = TextFormat.IDENTIFIER)
        @Min(1)
        @Max(1000000)
        Map<String, Integer> passwords,
    @Description("Where packages come from.") @Default("{}") Packages packages,
    @Description("Clocks.") @Default("{}") TimeSync time,
    @Description("The etcd cluster.") @Default("{}") EtcdSettings etcd,
    @Description("PostgreSQL and Patroni.") @Default("{}") PostgresqlSettings postgresql,
    @Description("PgBouncer.") @Default("{}") PoolingSettings pooling,
    @Description("HAProxy.") @Default("{}") BalancingSettings balancing,
    @Description("pgBackRest.") @Default("{}") BackupSettings backup,
    @Description("The limits of what counts as healthy.") @Default("{}") Health health,
    @Description("Applications' databases.") @Default("[]") List<Database> databases,
    @Description("What is to be destroyed; asked for a second time.") @Default("{}") DropList drop,
    @Description("Where machines come from.") Machines machines,
    @Description("The machines.") @NotEmpty List<Node> nodes) {

  /** Stands for all users in {@code passwords}; no user may have this name. */
  public static final String EVERYBODY = "all";

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

  /** The users whose passwords can be made anew. */
  public SortedSet<String> usersWithPasswords() {
    SortedSet<String> users = new TreeSet<>(Set.of(PATRONI, STATISTICS));
    databases.forEach(database -> users.add(database.owner()));
    return users;
  }

  /** The generation of the password of that name; 1 if it can't be made anew. */
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
    if (database.maxClients() > 0) {
      return database.maxClients();
    }
    int others =
        databases.stream()
            .filter(other -> !other.name().equals(database.name()))
            .mapToInt(other -> other.effectivePoolSize(pooling))
            .sum();
    return Math.min(
        all, Math.max(database.effectivePoolSize(pooling), all - Math.min(others, all / 4)));
  }

  /** The stanza under which this cluster's backups are kept. */
  public String stanza() {
    return backup.stanza().isEmpty() ? name : backup.stanza();
  }
}
