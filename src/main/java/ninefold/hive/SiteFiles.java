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

/** The files that configure a Hive Metastore to keep its tables in the cluster. */
public final class SiteFiles {
  /** The files' names, on Hive's machines. */
  static final String AUTHORITY = "authority.crt";

  static final String STORE = "metastore.jceks";

  /** The property that holds the password, and its alias in a credential store. */
  static final String PASSWORD = "javax.jdo.option.ConnectionPassword";

  private static final int RETRY_INTERVAL = 2;

  /** What follows a failover's lease until another node leads, and some, s. */
  private static final int AFTER_THE_LEASE = 10;

  private static final int LONGEST_LIFETIME = 600;

  /**
   * What a failover looks like to the transaction handler, which knows other databases' words for
   * it: a connection that broke, a server that goes or comes, a leader that is one no more, a pool
   * with none that lives. A commit of which it never heard may be repeated: Hive finds it done.
   */
  private static final String FAILOVER =
      "(?s).*(SQLState=(08...|57P0.|25006)|Connection is (not available|closed)).*";

  private static final String TASKS = "metastore.task.threads.always";
  private static final String EVENT_CLEANER =
      "org.apache.hadoop.hive.metastore.events.EventCleanerTask";

  /** Alone, a Metastore lacks classes that it starts with unless told of others. */
  private static final Map<String, String> ALONE =
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

  /** The files for the cluster's Metastore database, if it has one. */
  public static Optional<SiteFiles> of(Cluster cluster) {
    return cluster.databases().stream()
        .filter(database -> database.hive().isPresent())
        .findFirst()
        .map(database -> new SiteFiles(cluster, database, database.hive().orElseThrow()));
  }

  /** The user whose password the files need. */
  public String user() {
    return database.owner();
  }

  /** What is no secret: the user, where the password is looked for, the folder of the files. */
  public Map<String, String> summary() {
    var summary = new LinkedHashMap<String, String>();
    summary.put("database", database.name());
    summary.put("user", database.owner());
    summary.put("password", hive.password().name().toLowerCase(Locale.ROOT));
    summary.put("folder", hive.folder());
    return summary;
  }

  /** {@code hive-site.xml}, for a whole Hive: the names that its older versions know too. */
  public String hiveSite(String password) {
    return xml(site("hive.metastore.", "hive.metastore.", "hive.", password));
  }

  /** {@code metastore-site.xml}, for the Metastore that stands alone. */
  public String metastoreSite(String password) {
    var properties = site("metastore.thrift.", "metastore.", "metastore.", password);
    properties.putAll(ALONE);
    properties.put(
        TASKS,
        hive.version() == 3
            ? EVENT_CLEANER
            : EVENT_CLEANER + ",org.apache.hadoop.hive.metastore.RuntimeStatsCleanerTask");
    return xml(properties);
  }

  /**
   * {@code core-site.xml}, if the description names a file system: an empty one would hide
   * Hadoop's.
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
    // schematool alone makes tables, and a Metastore of another version than theirs doesn't start.
    properties.put(service + "schema.verification", "true");
    properties.put("datanucleus.schema.autoCreateAll", "false");
    properties.putAll(hive.version() == 3 ? poolsOfHive3() : poolsOfHive4(handler));
    // Even where each try fails at once, they go on until a failover is over.
    properties.put(handler + "hmshandler.retry.interval", RETRY_INTERVAL * 1000 + "ms");
    properties.put(
        handler + "hmshandler.retry.attempts", String.valueOf(failover() / RETRY_INTERVAL));
    properties.put(handler + "txn.retryable.sqlex.regex", FAILOVER);
    return properties;
  }

  /** Where a Metastore listens, if its clients are told one port. */
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

  /** HikariCP by the names of Hive 4, which has five pools: three of a size, one of 2. */
  private Map<String, String> poolsOfHive4(String handler) {
    var properties = new LinkedHashMap<String, String>();
    properties.put("datanucleus.connectionPoolingType", "HikariCP");
    properties.put("datanucleus.connectionPool.maxPoolSize", "8");
    properties.put(handler + "compactor.connectionPool.maxPoolSize", "4");
    hikari().forEach((name, value) -> properties.put("hikaricp." + name, value));
    properties.put("hikaricp.keepaliveTime", "30000");
    // Hive's own is longer than a connection lives here, which HikariCP warns of.
    properties.put("hikaricp.leakDetectionThreshold", "0");
    return properties;
  }

  /**
   * HikariCP by the names of Hive 3, four pools of a size: DataNucleus makes two, and is handed
   * nothing but the size; the transaction handler makes two from what starts with {@code hikari.}.
   * One that starts with {@code hikaricp.} would break it.
   */
  private Map<String, String> poolsOfHive3() {
    var properties = new LinkedHashMap<String, String>();
    properties.put("datanucleus.connectionPoolingType", "HikariCP");
    properties.put("datanucleus.connectionPool.maxPoolSize", "7");
    hikari().forEach((name, value) -> properties.put("hikari." + name, value));
    return properties;
  }

  /** What both versions of HikariCP know, ms. */
  private Map<String, String> hikari() {
    int lifetime =
        Math.toIntExact(
            Math.min(LONGEST_LIFETIME, cluster.balancing().idleTimeout().toSeconds() / 2));
    var properties = new LinkedHashMap<String, String>();
    // Few connections at rest, so that the many of a failover find room in PgBouncer's pool.
    properties.put("minimumIdle", "2");
    properties.put("idleTimeout", millis(lifetime / 2));
    // Before the balancer ends an idle session.
    properties.put("maxLifetime", millis(lifetime));
    // Also the longest that the pool waits before it tries to connect again: the handler's retries
    // make up for it.
    properties.put("connectionTimeout", millis(5));
    properties.put("validationTimeout", millis(3));
    properties.put("initializationFailTimeout", millis(failover()));
    return properties;
  }

  /** The longest failover: the lease, another leader, and until the balancers see it, s. */
  private int failover() {
    var timings = cluster.failover().timings();
    long seen = timings.healthCheck().untilUp().toMillis();
    return (int) (timings.patroni().ttl().toSeconds() + AFTER_THE_LEASE + (seen + 999) / 1000);
  }

  private static String millis(int seconds) {
    return String.valueOf(seconds * 1000L);
  }

  private static String xml(Map<String, String> properties) {
    return Template.render("hive/site.xml.ftl", Map.of("properties", properties));
  }
}
