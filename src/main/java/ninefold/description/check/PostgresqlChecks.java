package ninefold.description.check;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Durability;
import ninefold.description.Node;
import ninefold.description.NumberWithUnit;
import ninefold.description.Role;
import ninefold.description.Size;
import ninefold.description.Watchdog;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** PostgreSQL's version and parameters, and whether its memory and connections are enough. */
final class PostgresqlChecks {
  /** PostgreSQL's version in Debian 13. */
  private static final int DEBIAN_VERSION = 17;

  /** The smallest memory of a node for which PostgreSQL's settings can be derived. */
  private static final Size MIN_MEMORY = new Size(512);

  /** The memory for sorting that each connection needs at least. */
  private static final Size MIN_SORT_MEMORY = new Size(1);

  /** Connections for Patroni, replication, rewind, monitoring and backups. */
  private static final int CLUSTER_CONNECTIONS = 10;

  /** PostgreSQL's default for {@code superuser_reserved_connections}. */
  private static final int RESERVED_CONNECTIONS = 3;

  private PostgresqlChecks() {}

  static void run(Cluster cluster, Problems problems) {
    version(cluster, problems);
    memory(cluster, problems);
    connections(cluster, problems);
    sorting(cluster, problems);
    watchdog(cluster, problems);
    ManagedParameters.check(
        "postgresql.parameters", cluster.postgresql(), cluster.durability(), problems);
  }

  private static void version(Cluster cluster, Problems problems) {
    int version = cluster.postgresql().version();
    if (version != DEBIAN_VERSION && cluster.packages().repository().isEmpty()) {
      problems.add(
          "postgresql.version",
          "Debian 13 has PostgreSQL " + DEBIAN_VERSION + ", not " + version,
          "write " + DEBIAN_VERSION + ", or set packages.repository");
    }
  }

  /** Without synchronous replicas, the writes of a hanging leader are lost after a failover. */
  private static void watchdog(Cluster cluster, Problems problems) {
    if (cluster.postgresql().watchdog() == Watchdog.OFF
        && cluster.durability() == Durability.ASYNC) {
      problems.add(
          "postgresql.watchdog",
          "with off and durability async, nothing stops a leader whose Patroni hangs",
          "write automatic or required, or choose a different durability");
    }
  }

  private static void memory(Cluster cluster, Problems problems) {
    String written = cluster.postgresql().parameters().getOrDefault("shared_buffers", "0");
    String path = "postgresql.parameters.shared_buffers";
    double buffers = bytes(written, "8kB");
    for (int i = 0; i < cluster.nodes().size(); i++) {
      Node node = cluster.nodes().get(i);
      if (!node.is(Role.POSTGRES)) {
        continue;
      }
      if (node.memory().bytes() < MIN_MEMORY.bytes()) {
        problems.add(
            Problem.at("nodes", i) + ".memory",
            node.memory() + " is too little for PostgreSQL",
            "allowed: " + MIN_MEMORY + " or more");
      } else if (buffers > node.memory().bytes() / 2.0) {
        String found = "%s is more than half of %s's memory, %s";
        problems.add(
            path, found.formatted(written, node.name(), node.memory()), "a quarter is common");
      }
    }
  }

  /** All connections may sort at the same time, and need memory in addition to shared buffers. */
  private static void sorting(Cluster cluster, Problems problems) {
    Size memory =
        cluster.nodes(Role.POSTGRES).stream()
            .map(Node::memory)
            .min(Comparator.comparing(Size::bytes))
            .orElse(MIN_MEMORY);
    long most = memory.bytes() * 3 / 4 / MIN_SORT_MEMORY.bytes();
    if (cluster.postgresql().maxConnections() > most) {
      problems.add(
          "postgresql.maxConnections",
          "%d connections with %s each for sorting do not fit into a database node's %s"
              .formatted(cluster.postgresql().maxConnections(), MIN_SORT_MEMORY, memory),
          "lower it to " + most + ", as PgBouncer shares connections; or add memory");
    }
    String written = cluster.postgresql().parameters().getOrDefault("work_mem", "0");
    if (bytes(written, "kB") > memory.bytes() / 4.0) {
      problems.add(
          "postgresql.parameters.work_mem",
          "%s is more than a quarter of a database node's memory, %s".formatted(written, memory),
          "each sort of each connection may use this much; a few MB are common");
    }
  }

  /** An amount in bytes; a plain number is in the unit. 0 if the text is not an amount. */
  private static double bytes(String written, String unit) {
    Optional<String> bytes = Optional.of("B");
    double each =
        NumberWithUnit.parse(unit)
            .or(() -> NumberWithUnit.parse("1" + unit))
            .flatMap(amount -> amount.in(bytes))
            .orElseThrow();
    return NumberWithUnit.parse(written).flatMap(amount -> amount.in(Optional.of(unit))).orElse(0.0)
        * each;
  }

  /** On the leader all pools may be full at once, in addition to the cluster's own connections. */
  private static void connections(Cluster cluster, Problems problems) {
    Map<String, String> parameters = cluster.postgresql().parameters();
    int reserved =
        Optional.ofNullable(parameters.get("superuser_reserved_connections"))
            .filter(text -> text.matches("[0-9]{1,6}"))
            .map(Integer::parseInt)
            .orElse(RESERVED_CONNECTIONS);
    long pools =
        cluster.databases().stream()
            .mapToLong(database -> database.effectivePoolSize(cluster.pooling()))
            .sum();
    long needed = pools + reserved + CLUSTER_CONNECTIONS;
    if (needed > cluster.postgresql().maxConnections()) {
      problems.add(
          "postgresql.maxConnections",
          String.format(
              Locale.ROOT,
              "%d is less than the %d of all pools, %d for superusers and %d for the cluster",
              cluster.postgresql().maxConnections(),
              pools,
              reserved,
              CLUSTER_CONNECTIONS),
          "raise it to " + needed + ", or make the pools smaller");
    }
  }
}
