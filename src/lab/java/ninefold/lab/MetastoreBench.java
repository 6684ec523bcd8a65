package ninefold.lab;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Measures a load like that of several Metastores: HikariCP pools that keep hundreds of connections
 * open, and short transactions on some of them. {@code bench/run hive} parses the printed lines.
 */
@Tag("lab-containers")
@Tag("bench")
class MetastoreBench {
  private static final int METASTORES = 8;
  private static final int POOL = 30;
  private static final int THREADS_OF_EACH = 5;
  private static final int TABLES = 2000;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration MEASURED =
      Duration.ofSeconds(Integer.getInteger("bench.seconds", 20));

  private static final String HBA = "\"$(echo /var/lib/postgresql/*/main/pg_hba.conf)\"";

  private static final Lab LAB = new Lab();
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);

  private record Route(String name, String endpoint, String database) {}

  /**
   * Measures the three routes in one run, with tables of the same size. Each round begins with a
   * different route.
   */
  @Test
  void transactionsThroughPoolsAndDirect() throws Exception {
    CLUSTER.awaitHealthy();
    var leader = CLUSTER.leader();
    var routes =
        new ArrayList<>(
            List.of(
                new Route("virtual address, session pool", OUTPUTS.readWrite(), "bench_session"),
                new Route(
                    "virtual address, transaction pool", OUTPUTS.readWrite(), "bench_transaction"),
                new Route(
                    "straight to the leader", OUTPUTS.address(leader) + ":5432", "bench_session")));
    Collections.rotate(routes, Integer.getInteger("bench.round", 0));
    allowDirectLogins(leader);
    try {
      for (var route : routes) {
        measure(route.name(), route.endpoint(), route.database());
      }
    } finally {
      LAB.ssh(
          leader,
          "sed -i '/^hostssl bench_session /d' " + HBA + "; nft --file /etc/ninefold/firewall.nft");
      CLUSTER.sql(leader, "postgres", "SELECT pg_reload_conf()");
    }
  }

  /** Allows logins directly to PostgreSQL during this run. */
  private static void allowDirectLogins(String leader) {
    LAB.ssh(
        leader,
        "echo 'hostssl bench_session bench 192.168.100.254/32 scram-sha-256'"
            + " >>"
            + HBA
            + "; nft insert rule inet ninefold input tcp dport 5432 ip saddr 192.168.100.254 accept");
    CLUSTER.sql(leader, "postgres", "SELECT pg_reload_conf()");
  }

  private static void measure(String route, String endpoint, String database) throws Exception {
    var pools = new ArrayList<HikariDataSource>();
    try {
      for (int i = 0; i < METASTORES; i++) {
        pools.add(pool(endpoint, database));
      }
      fill(pools.get(0));
      run(pools, WARM_UP);
      var latencies = run(pools, MEASURED);
      var held =
          CLUSTER.sql(
              CLUSTER.leader(),
              "postgres",
              "SELECT count(*) FROM pg_stat_activity WHERE usename = 'bench'");
      latencies.sort(null);
      System.out.printf(
          Locale.ROOT,
          "bench: %s: %.0f transactions/s, %.1f ms median, %.1f ms at 99 %%, %d client"
              + " connections, %s on the server%n",
          route,
          latencies.size() / (double) MEASURED.toSeconds(),
          latencies.get(latencies.size() / 2) / 1e6,
          latencies.get(latencies.size() * 99 / 100) / 1e6,
          METASTORES * POOL,
          held);
    } finally {
      pools.forEach(HikariDataSource::close);
      // PgBouncer would keep these connections, and the next measurement would count them.
      CLUSTER.sql(
          CLUSTER.leader(),
          "postgres",
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'bench'");
    }
  }

  private static HikariDataSource pool(String endpoint, String database) {
    var properties = OUTPUTS.jdbcProperties();
    var config = new HikariConfig();
    config.setJdbcUrl("jdbc:postgresql://" + endpoint + "/" + database);
    properties.setProperty("user", "bench");
    properties.setProperty("password", OUTPUTS.password("bench"));
    properties.setProperty("socketTimeout", "60");
    config.setDataSourceProperties(properties);
    config.setAutoCommit(false);
    config.setMaximumPoolSize(POOL);
    config.setMinimumIdle(POOL);
    return new HikariDataSource(config);
  }

  /**
   * Creates tables like those of a Metastore: databases, their tables, and parameters of the
   * tables.
   */
  private static void fill(HikariDataSource pool) throws SQLException {
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS params, tbls, dbs");
      statement.execute("CREATE TABLE dbs (id int PRIMARY KEY, name text UNIQUE)");
      statement.execute(
          "CREATE TABLE tbls (id int PRIMARY KEY, db int REFERENCES dbs, name text,"
              + " UNIQUE (db, name))");
      statement.execute(
          "CREATE TABLE params (tbl int REFERENCES tbls, key text, value text,"
              + " PRIMARY KEY (tbl, key))");
      statement.execute("INSERT INTO dbs SELECT i, 'db' || i FROM generate_series(0, 19) i");
      statement.execute(
          "INSERT INTO tbls SELECT i, i % 20, 'table' || i FROM generate_series(0, "
              + (TABLES - 1)
              + ") i");
      statement.execute("INSERT INTO params SELECT id, 'seen', '0' FROM tbls");
      connection.commit();
      connection.setAutoCommit(true);
      statement.execute("ANALYZE");
    }
  }

  /** Runs transactions for a while and returns the duration of each, in ns. */
  private static List<Long> run(List<HikariDataSource> pools, Duration time)
      throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + time.toNanos();
    var workers = new ArrayList<Callable<List<Long>>>();
    for (var pool : pools) {
      IntStream.range(0, THREADS_OF_EACH).forEach(i -> workers.add(() -> work(pool, end)));
    }
    var threads = Executors.newFixedThreadPool(workers.size());
    try {
      var all = new ArrayList<Long>();
      for (var worker : threads.invokeAll(workers)) {
        all.addAll(worker.get());
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<Long> work(HikariDataSource pool, long end) throws SQLException {
    var took = new ArrayList<Long>();
    while (System.nanoTime() < end) {
      long began = System.nanoTime();
      try (var connection = pool.getConnection()) {
        transaction(connection);
      }
      took.add(System.nanoTime() - began);
    }
    return took;
  }

  /**
   * Looks up a table by its names and reads its parameters; one in four transactions changes a
   * parameter.
   */
  private static void transaction(Connection connection) throws SQLException {
    int table = ThreadLocalRandom.current().nextInt(TABLES);
    try (var find =
            connection.prepareStatement(
                "SELECT t.id FROM tbls t JOIN dbs d ON d.id = t.db WHERE d.name = ? AND t.name = ?");
        var read = connection.prepareStatement("SELECT key, value FROM params WHERE tbl = ?");
        var write =
            connection.prepareStatement(
                "UPDATE params SET value = ? WHERE tbl = ? AND key = 'seen'")) {
      find.setString(1, "db" + table % 20);
      find.setString(2, "table" + table);
      find.executeQuery().close();
      read.setInt(1, table);
      read.executeQuery().close();
      if (table % 4 == 0) {
        write.setString(1, String.valueOf(System.nanoTime()));
        write.setInt(2, table);
        write.executeUpdate();
      }
      connection.commit();
    }
  }
}
