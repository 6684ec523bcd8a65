package ninefold.hive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import ninefold.Descriptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the configuration files of a Metastore. */
class SiteFilesTest {
  private static final String ALL =
      """
      failover: fast
      postgresql: {maxConnections: 200}
      databases:
        - name: metastore
          owner: hive
          hive:
            version: %d
            uris: ['thrift://m1:9083', 'thrift://m2:9083']
            warehouse: hdfs://names:8020/warehouse
            fileSystem: hdfs://names:8020
            password: %s
            statementTimeout: 90s
      """;
  private static final String URL =
      "jdbc:postgresql://10.0.0.9:5000/metastore?sslmode=verify-full"
          + "&sslrootcert=/etc/hive/conf/authority.crt&tcpKeepAlive=true&connectTimeout=5"
          + "&loginTimeout=5&socketTimeout=90&ApplicationName=hive-metastore";

  private static SiteFiles files(String description) {
    return SiteFiles.of(Descriptions.three("4GiB", description)).orElseThrow();
  }

  @Test
  void metastoreSite_configuresStandaloneMetastore() {
    assertThat(properties(files(ALL.formatted(4, "site")).metastoreSite("p&<w")))
        .containsExactly(
            Map.entry("metastore.thrift.uris", "thrift://m1:9083,thrift://m2:9083"),
            Map.entry("metastore.thrift.port", "9083"),
            Map.entry("metastore.warehouse.dir", "hdfs://names:8020/warehouse"),
            Map.entry("javax.jdo.option.ConnectionDriverName", "org.postgresql.Driver"),
            Map.entry("javax.jdo.option.ConnectionURL", URL),
            Map.entry("javax.jdo.option.ConnectionUserName", "hive"),
            Map.entry("javax.jdo.option.ConnectionPassword", "p&<w"),
            Map.entry("metastore.schema.verification", "true"),
            Map.entry("datanucleus.schema.autoCreateAll", "false"),
            Map.entry("datanucleus.connectionPoolingType", "HikariCP"),
            Map.entry("datanucleus.connectionPool.maxPoolSize", "8"),
            Map.entry("metastore.compactor.connectionPool.maxPoolSize", "4"),
            Map.entry("hikaricp.minimumIdle", "2"),
            Map.entry("hikaricp.idleTimeout", "300000"),
            Map.entry("hikaricp.maxLifetime", "600000"),
            Map.entry("hikaricp.connectionTimeout", "5000"),
            Map.entry("hikaricp.validationTimeout", "3000"),
            Map.entry("hikaricp.initializationFailTimeout", "31000"),
            Map.entry("hikaricp.keepaliveTime", "30000"),
            Map.entry("hikaricp.leakDetectionThreshold", "0"),
            Map.entry("metastore.hmshandler.retry.interval", "2000ms"),
            Map.entry("metastore.hmshandler.retry.attempts", "15"),
            Map.entry(
                "metastore.txn.retryable.sqlex.regex",
                "(?s).*(SQLState=(08...|57P0.|25006)|Connection is (not available|closed)).*"),
            Map.entry(
                "metastore.expression.proxy",
                "org.apache.hadoop.hive.metastore.DefaultPartitionExpressionProxy"),
            Map.entry(
                "metastore.task.threads.always",
                "org.apache.hadoop.hive.metastore.events.EventCleanerTask,"
                    + "org.apache.hadoop.hive.metastore.RuntimeStatsCleanerTask"));
  }

  @Test
  void hiveSite_usesHivesPropertyNames() {
    assertThat(properties(files(ALL.formatted(4, "site")).hiveSite("pw")))
        .containsEntry("hive.metastore.uris", "thrift://m1:9083,thrift://m2:9083")
        .containsEntry("hive.metastore.port", "9083")
        .containsKey("hive.txn.retryable.sqlex.regex")
        .containsEntry("hive.metastore.warehouse.dir", "hdfs://names:8020/warehouse")
        .containsEntry("hive.metastore.schema.verification", "true")
        .containsEntry("hive.hmshandler.retry.interval", "2000ms")
        .containsEntry("hive.hmshandler.retry.attempts", "15")
        .containsEntry("javax.jdo.option.ConnectionURL", URL)
        .doesNotContainKey("metastore.thrift.uris");
  }

  /**
   * Hive 3 passes all properties that start with "hikari" to HikariCP, which rejects unknown ones.
   */
  @Test
  void hive3_getsNoUnknownProperties() {
    var properties = properties(files(ALL.formatted(3, "site")).metastoreSite("pw"));

    assertThat(properties.keySet()).noneMatch(name -> name.startsWith("hikaricp"));
    assertThat(properties)
        .containsEntry("hikari.connectionTimeout", "5000")
        .containsEntry("datanucleus.connectionPool.maxPoolSize", "7")
        .containsEntry(
            "metastore.expression.proxy",
            "org.apache.hadoop.hive.metastore.DefaultPartitionExpressionProxy")
        .doesNotContainKey("hikari.keepaliveTime");
    assertThat(properties(files(ALL.formatted(3, "site")).hiveSite("pw")))
        .as("Hive 3 has its own default")
        .doesNotContainKey("metastore.expression.proxy");
  }

  @Test
  void passwordInStore_isNotInFiles() {
    var files = files(ALL.formatted(4, "store"));

    for (var site : java.util.List.of(files.hiveSite("pw"), files.metastoreSite("pw"))) {
      assertThat(properties(site))
          .doesNotContainKey("javax.jdo.option.ConnectionPassword")
          .containsEntry(
              "hadoop.security.credential.provider.path",
              "localjceks://file/etc/hive/conf/metastore.jceks");
    }
  }

  @Test
  void coreSite_namesTheFileSystem() {
    assertThat(properties(files(ALL.formatted(4, "site")).coreSite().orElseThrow()))
        .containsExactly(Map.entry("fs.defaultFS", "hdfs://names:8020"));
    var without = "databases: [{name: m, owner: h, hive: {metastores: 1}}]";
    assertThat(files(without).coreSite()).isEmpty();
  }

  /** The transaction handler matches the whole message of the driver. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "An I/O error occurred while sending to the backend. (SQLState=08006, ErrorCode=0)    | true",
        "This connection has been closed. (SQLState=08003, ErrorCode=0)                       | true",
        "FATAL: terminating connection due to administrator command (SQLState=57P01, ErrorCode=0) | true",
        "ERROR: cannot execute INSERT in a read-only transaction (SQLState=25006, ErrorCode=0) | true",
        "HikariPool-4 - Connection is not available, request timed out after 5000ms. (SQLState=null, ErrorCode=0) | true",
        "Connection is closed (SQLState=null, ErrorCode=0)                                     | true",
        "ERROR: duplicate key value violates unique constraint (SQLState=23505, ErrorCode=0)   | false",
        "ERROR: syntax error (SQLState=42601, ErrorCode=0)                                     | false"
      })
  void errorsOfAFailover_areRetried(String message, boolean retried) {
    var patterns =
        properties(files(ALL.formatted(4, "site")).metastoreSite("pw"))
            .get("metastore.txn.retryable.sqlex.regex")
            .split(",(?=\\S)");

    assertThat(patterns).hasSize(1);
    assertThat(Pattern.matches(patterns[0], message)).isEqualTo(retried);
  }

  @Test
  void differingPorts_areLeftOut() {
    var differing = ALL.formatted(4, "site").replace("thrift://m2:9083", "thrift://m2:9084");

    assertThat(properties(files(differing).metastoreSite("pw")))
        .doesNotContainKey("metastore.thrift.port");
  }

  /**
   * Connections close before the balancer's timeout, and retries last as long as a slow failover.
   */
  @Test
  void timesFollowTheDescription() {
    var properties =
        properties(
            files(
                    """
                    failover: wide
                    balancing: {idleTimeout: 1min}
                    databases: [{name: m, owner: h, hive: {metastores: 1}}]
                    """)
                .metastoreSite("pw"));

    assertThat(properties)
        .containsEntry("hikaricp.maxLifetime", "30000")
        .containsEntry("hikaricp.idleTimeout", "15000")
        .containsEntry("hikaricp.initializationFailTimeout", "107000")
        .containsEntry("metastore.hmshandler.retry.attempts", "53")
        .doesNotContainKey("metastore.thrift.uris");
  }

  /**
   * The retries last longer than the worst failover even if each try fails at once, and end before
   * the timeout of a Metastore's client even if each try waits for the pool.
   */
  @ParameterizedTest
  @CsvSource({"fast, 23.8", "normal, 34.5", "wide, 100.5"})
  void retriesOutlastAFailover_butNotTheClient(String failover, double worst) {
    int client = 600;

    var properties =
        properties(
            files(ALL.formatted(4, "site").replace("fast", failover)).metastoreSite("password"));

    int attempts = Integer.parseInt(properties.get("metastore.hmshandler.retry.attempts"));
    double interval = seconds(properties.get("metastore.hmshandler.retry.interval"));
    double pool = seconds(properties.get("hikaricp.connectionTimeout"));
    assertThat(attempts * interval).isGreaterThan(worst);
    assertThat(seconds(properties.get("hikaricp.initializationFailTimeout"))).isGreaterThan(worst);
    assertThat(attempts * (interval + pool)).isLessThan(client);
  }

  private static double seconds(String millis) {
    return Integer.parseInt(millis.replace("ms", "")) / 1000.0;
  }

  @Test
  void withoutMetastore_hasNoFiles() {
    assertThat(SiteFiles.of(Descriptions.three("4GiB", "databases: [{name: a, owner: a}]")))
        .isEmpty();
  }

  /** Parses the file with the JDK's parser; Hadoop's own reads it in the lab. */
  private static Map<String, String> properties(String xml) {
    try {
      var root =
          DocumentBuilderFactory.newDefaultInstance()
              .newDocumentBuilder()
              .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))
              .getDocumentElement();
      assertThat(root.getTagName()).isEqualTo("configuration");
      var properties = new LinkedHashMap<String, String>();
      var names = root.getElementsByTagName("name");
      var values = root.getElementsByTagName("value");
      for (int i = 0; i < names.getLength(); i++) {
        properties.put(names.item(i).getTextContent(), values.item(i).getTextContent());
      }
      return properties;
    } catch (Exception e) {
      throw new AssertionError("invalid XML: " + xml, e);
    }
  }
}
