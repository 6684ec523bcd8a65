package ninefold.verdict;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import ninefold.description.Cluster;
import ninefold.description.Database;
import ninefold.description.Node;
import ninefold.description.Role;

/** Checks that each PgBouncer runs as described, and that clients do not wait for long. */
final class PoolChecks {
  /** Further databases: the console, the lookup of verifiers, the stack's own database. */
  private static final Set<String> STACK_DATABASES =
      Set.of("pgbouncer", "postgres", Cluster.OWN_DATABASE);

  private final Cluster cluster;
  private final Findings findings;

  private PoolChecks(Cluster cluster, Findings findings) {
    this.cluster = cluster;
    this.findings = findings;
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    PoolChecks checks = new PoolChecks(clusterFacts.cluster(), findings);
    for (Node node : clusterFacts.cluster().nodes(Role.POSTGRES)) {
      clusterFacts
          .of(node.name(), Facts::pgbouncer)
          .ifPresent(
              pool -> {
                pool.config().known().ifPresent(it -> checks.settings(node.name(), it));
                pool.databases().known().ifPresent(it -> checks.databases(node, it));
                pool.pools().known().ifPresent(it -> checks.clients(node.name(), it));
              });
    }
  }

  private void settings(String node, Map<String, String> config) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("listen_port", cluster.pooling().port());
    described.put("max_client_conn", cluster.pooling().maxClients());
    described.put("default_pool_size", cluster.pooling().poolSize());
    described.put("pool_mode", cluster.pooling().mode().word());
    described.put("max_prepared_statements", cluster.pooling().preparedStatements());
    List<String> problems = new ArrayList<>();
    described.forEach(
        (name, value) -> {
          String actual = config.getOrDefault(name, "unknown");
          if (!actual.equals(String.valueOf(value))) {
            problems.add("PgBouncer's %s is %s instead of %s".formatted(name, actual, value));
          }
        });
    findings.addAll(
        Check.POOL_SETTING,
        node,
        problems,
        "sudo systemctl reload pgbouncer on "
            + node
            + "; listen_port needs a restart: docs/operations/pgbouncer.md");
  }

  private void databases(Node node, List<PgBouncerFacts.Database> known) {
    Map<String, PgBouncerFacts.Database> others = new TreeMap<>();
    known.forEach(database -> others.put(database.name(), database));
    List<String> problems = new ArrayList<>();
    for (Database database : cluster.databases()) {
      PgBouncerFacts.Database pool = others.remove(database.name());
      if (pool == null) {
        problems.add("PgBouncer has no database " + database.name());
      } else {
        database(node, database, pool, problems);
      }
    }
    others.keySet().removeAll(STACK_DATABASES);
    others
        .keySet()
        .forEach(
            name ->
                problems.add(
                    "PgBouncer has database " + name + ", which is not in the description"));
    findings.addAll(
        Check.POOL_DATABASE,
        node.name(),
        problems,
        "sudo systemctl reload pgbouncer on " + node.name());
  }

  private void database(
      Node node, Database database, PgBouncerFacts.Database pool, List<String> problems) {
    String name = database.name();
    String where = pool.host().orElse("a socket") + ":" + pool.port();
    String wanted = node.address() + ":" + cluster.postgresql().port();
    if (!where.equals(wanted)) {
      problems.add(
          "PgBouncer connects database %s to %s instead of %s".formatted(name, where, wanted));
    }
    int size = database.effectivePoolSize(cluster.pooling());
    if (pool.poolSize() != size) {
      problems.add(
          "the pool size of database %s is %d instead of %d"
              .formatted(name, pool.poolSize(), size));
    }
    int clients = cluster.maxClients(database);
    int accepted = pool.clients().orElse(0);
    if (accepted != clients) {
      problems.add(
          "PgBouncer accepts %s clients for database %s instead of %d"
              .formatted(accepted == 0 ? "unlimited" : String.valueOf(accepted), name, clients));
    }
    String mode = database.effectiveMode(cluster.pooling()).word();
    String actual =
        pool.poolMode().filter(it -> !it.isEmpty()).orElse(cluster.pooling().mode().word());
    if (!actual.equals(mode)) {
      problems.add(
          "the pool mode of database %s is %s instead of %s".formatted(name, actual, mode));
    }
  }

  private void clients(String node, List<PgBouncerFacts.Pool> pools) {
    long limit = cluster.health().clientWait().toSeconds();
    List<String> problems =
        pools.stream()
            .filter(pool -> pool.waiting() > 0 && pool.longest() > limit)
            .map(
                pool ->
                    "%s of user %s %s for a connection to database %s, the first for %s; the limit is %d s"
                        .formatted(
                            FindingText.count(pool.waiting(), "client"),
                            pool.user(),
                            FindingText.verb(pool.waiting(), "wait"),
                            pool.database(),
                            FindingText.duration(pool.longest()),
                            limit))
            .toList();
    findings.addAll(
        Check.CLIENTS_WAIT,
        node,
        problems,
        "look for long transactions (pg_stat_activity), or raise the database's poolSize;"
            + " docs/operations/pgbouncer.md");
  }
}
