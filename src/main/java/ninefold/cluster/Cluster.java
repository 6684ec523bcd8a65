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
@Doc("A highly available PostgreSQL cluster.")
public record Cluster(
    @Doc("The cluster's name, Patroni's scope and by default the stanza.") @Written(Form.NAME)
        String name,
    @Doc("Addresses.") Network network,
    @Doc("The promise about acknowledged writes.") @Default("sync") Durability durability,
    @Doc("How soon a fault is acted on.") @Default("normal") Failover failover,
    @Doc("How machines are reached.") @Default("{}") Access access,
    @Doc("Who may reach the machines from outside the cluster.") @Default("{}") Firewall firewall,
    @Doc("Certificates: how long they hold, and which authority signs them.") @Default("{}")
        Certificates certificates,
    @Doc(
            "Generation of a user's password, 1 unless it stands here; raised to have a new one made."
                + " One more of `all` raises each.")
        @Default("{}")
        @Written(value = Form.IDENTIFIER, keys = Form.IDENTIFIER)
        @Min(1)
        @Max(1000000)
        Map<String, Integer> passwords,
    @Doc("Where packages come from.") @Default("{}") Packages packages,
    @Doc("Clocks.") @Default("{}") Time time,
    @Doc("The etcd cluster.") @Default("{}") Etcd etcd,
    @Doc("PostgreSQL and Patroni.") @Default("{}") Postgresql postgresql,
    @Doc("PgBouncer.") @Default("{}") Pooling pooling,
    @Doc("HAProxy.") @Default("{}") Balancing balancing,
    @Doc("pgBackRest.") @Default("{}") Backup backup,
    @Doc("The limits of what counts as healthy.") @Default("{}") Health health,
    @Doc("Applications' databases.") @Default("[]") List<Database> databases,
    @Doc("What is to be destroyed; asked for a second time.") @Default("{}") Dropped drop,
    @Doc("Where machines come from.") Machines machines,
    @Doc("The machines.") @NotEmpty List<Node> nodes) {

  /** Stands for all users in {@code passwords}; no user may have this name. */
  static final String EVERYBODY = "all";

  /** The name of the password by which Patroni's REST API knows database nodes. */
  public static final String PATRONI = "patroni";

  /** The name of the password of the statistics page. */
  public static final String STATISTICS = "statistics";

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
  SortedSet<String> usersWithPasswords() {
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
            .mapToInt(other -> other.poolSize(pooling))
            .sum();
    return Math.min(all, Math.max(database.poolSize(pooling), all - Math.min(others, all / 4)));
  }

  /** The stanza under which this cluster's backups are kept. */
  public String stanza() {
    return backup.stanza().isEmpty() ? name : backup.stanza();
  }
}
