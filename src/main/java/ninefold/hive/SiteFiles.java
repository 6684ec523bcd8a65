package ninefold.hive;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import ninefold.client.Endpoints;
import ninefold.client.JdbcDriver;
import ninefold.description.Cluster;
import ninefold.description.Database;
import ninefold.description.Hive;
import ninefold.render.Template;

/** The files that configure a Hive Metastore to store its tables in the cluster. */
public final class SiteFiles {
  /** The name of the CA's certificate on Hive's machines. */
  static final String AUTHORITY = "authority.crt";

  /** The name of the credential store on Hive's machines. */
  static final String STORE = "metastore.jceks";

  /** The property that holds the password, and its alias in a credential store. */
  static final String PASSWORD = "javax.jdo.option.ConnectionPassword";

  /** Between two tries of a Metastore's operation, s. */
  private static final int RETRY_INTERVAL = 2;

  /** From the end of a leader's lease until a replica leads, with a margin, s. */
  private static final int ELECTION = 10;

  /** The longest lifetime of a pool's connection, s. */
  private static final int MAX_LIFETIME = 600;

  /**
   * The errors of a failover, after which the transaction handler retries: a broken connection
   * (08…), a server that stops or starts (57P0.), a demoted leader (25006), or a pool without live
   * connections. By itself, the handler knows only other databases' errors. It may retry a commit
   * whose outcome is unknown: Hive detects that it was applied.
   */
  private static final String FAILOVER =
      "(?s).*(SQLState=(08...|57P0.|25006)|Connection is (not available|closed)).*";

  private static final String TASKS = "metastore.task.threads.always";
  private static final String EVENT_CLEANER =
      "org.apache.hadoop.hive.metastore.events.EventCleanerTask";

  /** A standalone Metastore lacks the classes that are the defaults of these properties. */
  private static final Map<String, String> STANDALONE =
      Map.of(
          "metastore.expression.proxy",
          "org.apache.hadoop.hive.metastore.DefaultPartitionExpressionProxy");

  private final Cluster cluster;
  private final Database database;
  private final Hive hive;

  private SiteFiles(Cluster cluster, Database database, Hive hive) {
    this.cluster = cluster;
    this.database = database;
    this.hive = hive;
  }

  /** Returns the files for the cluster's Metastore database, if it has one. */
  public static Optional<SiteFiles> of(Cluster cluster) {
    return cluster.databases().stream()
        .filter(database -> database.hive().isPresent())
        .findFirst()
        .map(database -> new SiteFiles(cluster, database, database.hive().orElseThrow()));
  }

  /** Returns the user whose password the files contain. */
  public String user() {
    return database.owner();
  }

  /** Returns what is not a secret: the database, its user, the password's place, the folder. */
  public Map<String, String> summary() {
    var summary = new LinkedHashMap<String, String>();
    summary.put("database", database.name());
    summary.put("user", database.owner());
    summary.put("password", hive.password().name().toLowerCase(Locale.ROOT));
    summary.put("folder", hive.folder());
    return summary;
  }

  /**
   * Returns {@code hive-site.xml}, with the property names that older versions of Hive know too.
   */
  public String hiveSite(String password) {
    return xml(site("hive.metastore.", "hive.metastore.", "hive.", password));
  }

  /** Returns {@code metastore-site.xml}, for a standalone Metastore. */
  public String metastoreSite(String password) {
    var properties = site("metastore.thrift.", "metastore.", "metastore.", password);
    properties.putAll(STANDALONE);
    properties.put(
        TASKS,
        hive.version() == 3
            ? EVENT_CLEANER
            : EVENT_CLEANER + ",org.apache.hadoop.hive.metastore.RuntimeStatsCleanerTask");
    return xml(properties);
  }

  /**
   * Returns {@code core-site.xml} if the description names a file system. An empty file would hide
   * Hadoop's own.
   */
  public Optional<String> coreSite() {
    return hive.fileSystem().map(system -> xml(Map.of("fs.defaultFS", system)));
  }

  private Map<String, String> site(String thrift, String service, String handler, String password) {
    var properties = new LinkedHashMap<String, String>();
    if (!hive.uris().isEmpty()) {
      properties.put(thrift + "uris", String.join(",", hive.uris()));
    }
    port().ifPresent(port -> properties.put(thrift + "port", String.valueOf(port)));
    properties.put(service + "warehouse.dir", hive.warehouse());
    properties.putAll(connection(password));
    // Only schematool creates tables, and a Metastore of a different version does not start.
    properties.put(service + "schema.verification", "true");
    properties.put("datanucleus.schema.autoCreateAll", "false");
    properties.putAll(hive.version() == 3 ? poolsOfHive3() : poolsOfHive4(handler));
    // Even if each try fails at once, the retries last as long as a failover.
    properties.put(handler + "hmshandler.retry.interval", RETRY_INTERVAL * 1000 + "ms");
    properties.put(
        handler + "hmshandler.retry.attempts", String.valueOf(failover() / RETRY_INTERVAL));
    properties.put(handler + "txn.retryable.sqlex.regex", FAILOVER);
    return properties;
  }

  /** Returns the port of the Metastores if all described URIs have the same. */
  private Optional<Integer> port() {
    var ports = hive.uris().stream().map(uri -> URI.create(uri).getPort()).distinct().toList();
    return ports.size() == 1 && ports.get(0) > 0 ? Optional.of(ports.get(0)) : Optional.empty();
  }

  private Map<String, String> connection(String password) {
    var properties = new LinkedHashMap<String, String>();
    properties.put("javax.jdo.option.ConnectionDriverName", JdbcDriver.CLASS);
    properties.put("javax.jdo.option.ConnectionURL", url());
    properties.put("javax.jdo.option.ConnectionUserName", database.owner());
    switch (hive.password()) {
      case SITE -> properties.put(PASSWORD, password);
      case STORE ->
          properties.put(
              "hadoop.security.credential.provider.path",
              "localjceks://file" + hive.folder() + "/" + STORE);
    }
    return properties;
  }

  private String url() {
    return "jdbc:postgresql://"
        + new Endpoints(cluster).readWrite()
        + "/"
        + database.name()
        + "?sslmode=verify-full&sslrootcert="
        + hive.folder()
        + "/"
        + AUTHORITY
        + "&tcpKeepAlive=true&connectTimeout=5&loginTimeout=5&socketTimeout="
        + hive.statementTimeout().toSeconds()
        + "&ApplicationName=hive-metastore";
  }

  /**
   * Returns the settings of HikariCP for Hive 4, which has five pools: three of the first size
   * below, one of the compactor's and one of 2.
   */
  private Map<String, String> poolsOfHive4(String handler) {
    var properties = new LinkedHashMap<String, String>();
    properties.put("datanucleus.connectionPoolingType", "HikariCP");
    properties.put("datanucleus.connectionPool.maxPoolSize", "8");
    properties.put(handler + "compactor.connectionPool.maxPoolSize", "4");
    hikari().forEach((name, value) -> properties.put("hikaricp." + name, value));
    properties.put("hikaricp.keepaliveTime", "30000");
    // Hive's default exceeds maxLifetime, which HikariCP warns about.
    properties.put("hikaricp.leakDetectionThreshold", "0");
    return properties;
  }

  /**
   * Returns the settings of HikariCP for Hive 3, which has four pools of one size. DataNucleus
   * creates two and reads the size only. The transaction handler creates two from the properties
   * that start with {@code hikari.}; a property that starts with {@code hikaricp.} would break it.
   */
  private Map<String, String> poolsOfHive3() {
    var properties = new LinkedHashMap<String, String>();
    properties.put("datanucleus.connectionPoolingType", "HikariCP");
    properties.put("datanucleus.connectionPool.maxPoolSize", "7");
    hikari().forEach((name, value) -> properties.put("hikari." + name, value));
    return properties;
  }

  /** Returns the properties that both versions of HikariCP know; times are in ms. */
  private Map<String, String> hikari() {
    int lifetime =
        Math.toIntExact(Math.min(MAX_LIFETIME, cluster.balancing().idleTimeout().toSeconds() / 2));
    var properties = new LinkedHashMap<String, String>();
    // Few idle connections, so that PgBouncer's pool has room for the many of a failover.
    properties.put("minimumIdle", "2");
    properties.put("idleTimeout", millis(lifetime / 2));
    // Shorter than the balancer's timeout for idle sessions.
    properties.put("maxLifetime", millis(lifetime));
    // This is also the longest wait of the pool before it connects again; the handler's retries
    // cover it.
    properties.put("connectionTimeout", millis(5));
    properties.put("validationTimeout", millis(3));
    properties.put("initializationFailTimeout", millis(failover()));
    return properties;
  }

  /** Returns the longest failover: the lease, the election and the health checks, s. */
  private int failover() {
    var timings = cluster.failover().timings();
    long healthChecks = timings.healthCheck().untilUp().toMillis();
    return (int) (timings.patroni().ttl().toSeconds() + ELECTION + (healthChecks + 999) / 1000);
  }

  private static String millis(int seconds) {
    return String.valueOf(seconds * 1000L);
  }

  private static String xml(Map<String, String> properties) {
    return Template.render("hive/site.xml.ftl", Map.of("properties", properties));
  }
}
