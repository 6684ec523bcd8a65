package ninefold.lab;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import ninefold.TestProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A real Hive Metastore on the cluster, configured only by the stack's outputs, and faults while
 * Hive's own client uses it. The tests depend on their order.
 */
@Tag("hive")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MetastoreTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final HiveDistribution HIVE4 = HiveDistribution.hive4();
  private static final HiveDistribution HIVE3 = HiveDistribution.hive3();

  /**
   * Outside the project, since a copy of it may be in a hidden folder, which a description cannot
   * name.
   */
  private static final Path HOME = temporaryFolder();

  private static final Path CONFIGURATION = HOME.resolve("conf");
  private static final Path LOG = file("metastore.log");
  private static final Duration TOOL = Duration.ofMinutes(3);
  private static final String SCHEMATOOL4 =
      "org.apache.hadoop.hive.metastore.tools.schematool.MetastoreSchemaTool";
  private static final String SCHEMATOOL3 =
      "org.apache.hadoop.hive.metastore.tools.MetastoreSchemaTool";

  /** The entry of the Metastore's database in the lab's description. */
  private static final String ENTRY = "  - {name: metastore, owner: hive, hive: {metastores: 1}}\n";

  /** The error by which HIVE-29584 is recognized. */
  private static final String CLOSED = "Connection is closed";

  /** The number of concurrent clients; HikariCP's pools hold 30 connections. */
  private static final int MANY_CLIENTS = 40;

  private static final Pattern SETTING =
      Pattern.compile("HikariConfig: (\\w+)\\.{2,}([0-9]+)(?:ms)?\n");

  /**
   * The expected settings of a Metastore's pools, with the number of pools that have each value.
   */
  private static final Map<String, Long> POOLS =
      Map.of(
          "maximumPoolSize 8", 3L,
          "maximumPoolSize 4", 1L,
          "maximumPoolSize 2", 1L,
          "minimumIdle 2", 5L,
          "connectionTimeout 5000", 5L,
          "maxLifetime 600000", 5L,
          "keepaliveTime 30000", 5L);

  private static Metastore metastore;

  @AfterEach
  void removeFaults() {
    LAB.removeFaults();
  }

  @AfterAll
  static void stop() throws IOException {
    if (metastore != null) {
      metastore.close();
    }
    try (var files = Files.walk(HOME)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("ninefold-hive-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@code make hive-config} writes the files with mode 0600, and Hadoop reads the connection and
   * the password from them.
   */
  @Test
  @Order(1)
  void configurationFiles_areComplete_andPrivate() throws IOException {
    describe("hive4", "metastore", "version: 4, fileSystem: 'file:///'");
    writeFiles();

    for (var name : List.of("hive-site.xml", "metastore-site.xml", "authority.crt")) {
      assertThat(Files.getPosixFilePermissions(CONFIGURATION.resolve(name)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    for (var name : List.of("hive-site.xml", "metastore-site.xml")) {
      var read = readByHadoop(CONFIGURATION.resolve(name));
      assertThat(read)
          .containsEntry("javax.jdo.option.ConnectionUserName", "hive")
          .containsEntry("getPassword", outputs().at("/passwords/hive").asText());
      assertThat(read.get("javax.jdo.option.ConnectionURL"))
          .startsWith("jdbc:postgresql://" + OUTPUTS.readWrite() + "/metastore?sslmode=verify-full")
          .contains("&sslrootcert=" + CONFIGURATION + "/authority.crt&");
    }
    assertThat(readByHadoop(CONFIGURATION.resolve("core-site.xml")))
        .containsEntry("fs.defaultFS", "file:///");
  }

  /** It runs with hive-site.xml only, then with metastore-site.xml only. */
  @Test
  @Order(2)
  void schematool_createsAndValidatesTheSchema() throws IOException {
    CLUSTER.awaitHealthy();
    emptySchema("metastore", "hive");
    keepOnly("hive-site.xml");
    schematool(HIVE4, SCHEMATOOL4, "-initSchema");
    writeFiles();
    keepOnly("metastore-site.xml");
    assertThat(schematool(HIVE4, SCHEMATOOL4, "-info"))
        .contains("Metastore schema version:", "4.0.0");
    assertThat(schematool(HIVE4, SCHEMATOOL4, "-validate"))
        .contains("Done with metastore validation: [SUCCESS]");
  }

  /**
   * Only metastore-site.xml is left. The Metastore must start and serve with it, with the pools
   * that it configures.
   */
  @Test
  @Order(3)
  void metastore_startsWithMetastoreSiteXml() {
    metastore = Metastore.start(HIVE4, CONFIGURATION, LOG);
    try (var client = MetastoreClient.start(HIVE4, metastore)) {
      client.awaitFlow(Duration.ofSeconds(30));
      assertThat(client.stuckThreads(Duration.ofSeconds(10))).isEmpty();
    }
    assertThat(pools(metastore)).as("HikariCP's pools in the log").containsAllEntriesOf(POOLS);
  }

  /**
   * There are more clients than connections in the pools. The Metastore must open all its reserved
   * connections, but no more.
   */
  @Test
  @Order(4)
  void metastore_staysWithinItsConnections() {
    try (var client = MetastoreClient.start(HIVE4, metastore, MANY_CLIENTS)) {
      client.awaitFlow(Duration.ofSeconds(60));
      Eventually.holds(
          "no connection of a Metastore with many clients waits for one to PostgreSQL",
          Duration.ofSeconds(30),
          () -> {
            var opened = connections();
            var all = opened.get("cl_active") + opened.get("cl_waiting");
            assertThat(all)
                .as("connections with %d clients: %s", MANY_CLIENTS, opened)
                .isLessThan(31);
            return all > 8 && opened.get("cl_waiting") == 0
                ? Optional.empty()
                : Optional.of(opened.toString());
          });
      System.out.printf(
          "connections of one Metastore with %d clients: %s%n", MANY_CLIENTS, connections());
    }
  }

  /** Returns PgBouncer's counts of Hive's connections on the leader. */
  private static Map<String, Integer> connections() {
    var pool =
        CLUSTER.pgbouncer(CLUSTER.leader(), "SHOW POOLS").stream()
            .filter(
                row -> row.get("database").equals("metastore") && row.get("user").equals("hive"))
            .findFirst()
            .orElseThrow(
                () ->
                    new AssertionError(
                        "PgBouncer has no pool for user hive in database metastore"));
    return Stream.of("cl_active", "cl_waiting", "sv_active")
        .collect(toMap(name -> name, name -> Integer.valueOf(pool.get(name))));
  }

  /**
   * Counts the pools by value of a setting, from the lines that HikariCP logs when it creates a
   * pool.
   */
  private static Map<String, Long> pools(Metastore metastore) {
    return SETTING
        .matcher(metastore.log())
        .results()
        .map(found -> found.group(1) + " " + found.group(2))
        .collect(groupingBy(setting -> setting, TreeMap::new, counting()));
  }

  @Test
  @Order(5)
  void switchover_losesNoAcknowledgedChange() {
    during(
        "hive: switchover",
        Target.METASTORE_SWITCHOVER,
        client -> injectAndAwaitDisturbance(client, CLUSTER::switchover));
  }

  @Test
  @Order(6)
  void leaderPowerCut_losesNoAcknowledgedChange() {
    var old = CLUSTER.leader();
    during(
        "hive: leader's power cut",
        Target.METASTORE_LEADER_POWER_CUT,
        client -> {
          injectAndAwaitDisturbance(client, () -> LAB.powerOff(old));
          client.awaitFlow(FaultSuite.patience(Target.METASTORE_LEADER_POWER_CUT));
          LAB.powerOn(old);
        });
  }

  @Test
  @Order(7)
  void balancerPowerCut_losesNoAcknowledgedChange() {
    var old = CLUSTER.holder();
    during(
        "hive: active balancer's power cut",
        Target.METASTORE_BALANCER_POWER_CUT,
        client -> {
          injectAndAwaitDisturbance(client, () -> LAB.powerOff(old));
          client.awaitFlow(FaultSuite.patience(Target.METASTORE_BALANCER_POWER_CUT));
          LAB.powerOn(old);
        });
  }

  @Test
  @Order(8)
  void pgBouncerKilled_losesNoAcknowledgedChange() {
    var leader = CLUSTER.leader();
    var run = "systemctl show pgbouncer -p InvocationID --value";
    var before = LAB.ssh(leader, run);
    during(
        "hive: PgBouncer killed",
        Target.METASTORE_PGBOUNCER_KILLED,
        client ->
            injectAndAwaitDisturbance(
                client,
                () -> LAB.ssh(leader, "systemctl kill --kill-whom=main --signal=KILL pgbouncer")));
    assertThat(LAB.ssh(leader, run)).isNotEqualTo(before);
  }

  /**
   * The site file names a credential store, from which Hadoop and the Metastore must read the
   * password.
   */
  @Test
  @Order(9)
  void credentialStore_suppliesThePassword() throws IOException {
    metastore.close();
    describe("hive4-store", "metastore", "version: 4, password: store");
    writeFiles();
    try {
      var file = CONFIGURATION.resolve("metastore-site.xml");
      var password = outputs().at("/passwords/hive").asText();
      assertThat(Files.readString(file)).doesNotContain(password);
      assertThat(readByHadoop(file)).containsEntry("getPassword", password);
      keepOnly("metastore-site.xml");
      assertThat(schematool(HIVE4, SCHEMATOOL4, "-validate"))
          .contains("Done with metastore validation: [SUCCESS]");
      try (var started = Metastore.start(HIVE4, CONFIGURATION, LOG);
          var client = MetastoreClient.start(HIVE4, started)) {
        client.awaitFlow(Duration.ofSeconds(30));
      }
    } finally {
      Files.deleteIfExists(CONFIGURATION.resolve("metastore.jceks"));
    }
  }

  /**
   * A database and user for Hive 3, configured by Hive 3's names. The schema is created with only
   * metastore-site.xml; it is validated, and the Metastore runs, with only hive-site.xml.
   */
  @Test
  @Order(10)
  void hive3_createsItsSchema_andStarts() throws IOException {
    describe("hive3", "metastore3", "version: 3");
    writeFiles();
    keepOnly("metastore-site.xml");
    CLUSTER.awaitHealthy();
    emptySchema("metastore3", "hive3");
    schematool(HIVE3, SCHEMATOOL3, "-initSchema");
    writeFiles();
    keepOnly("hive-site.xml");
    assertThat(schematool(HIVE3, SCHEMATOOL3, "-info")).contains("3.1.0");
    assertThat(schematool(HIVE3, SCHEMATOOL3, "-validate"))
        .contains("Done with metastore validation: [SUCCESS]");
    try (var started = Metastore.start(HIVE3, CONFIGURATION, file("metastore3.log"));
        var client = MetastoreClient.start(HIVE3, started)) {
      client.awaitFlow(Duration.ofSeconds(30));
      assertThat(client.stuckThreads(Duration.ofSeconds(10))).isEmpty();
      assertThat(pools(started))
          .as("two DataNucleus pools, which use only the size, and two that use all settings")
          .containsEntry("maximumPoolSize 7", 4L)
          .containsEntry("connectionTimeout 5000", 2L)
          .containsEntry("minimumIdle 2", 2L);
    }
  }

  /**
   * Databases that are removed from the description and listed under {@code drop} must be deleted.
   * Then the lab's own description is restored.
   */
  @Test
  @Order(11)
  void removedAndDroppedDatabases_areDeleted() {
    var gone =
        description(
            "dropped",
            text ->
                text.replace(ENTRY, "")
                    + "\ndrop: {databases: [metastore, metastore3], users: [hive, hive3]}\n");
    timed("up: both databases dropped", PulumiRun.up().describedBy(gone).run().succeeded());
    assertThat(
            CLUSTER.sql(
                CLUSTER.leader(),
                "postgres",
                "SELECT datname FROM pg_database WHERE datname LIKE 'metastore%'"
                    + " UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'hive%'"))
        .isEmpty();
    timed("up: the lab's own description", PulumiRun.up().run().succeeded());
    assertThat(
            CLUSTER.sql(
                CLUSTER.leader(),
                "postgres",
                "SELECT datname FROM pg_database WHERE datname = 'metastore'"))
        .isEqualTo("metastore");
  }

  /** Applies the lab's description with a Metastore whose files are in this suite's folder. */
  private static void describe(String name, String database, String hive) {
    var changed =
        description(
            name,
            text -> {
              assertThat(text).contains(ENTRY);
              var owner = database.equals("metastore") ? "hive" : "hive3";
              return text.replace(
                  ENTRY,
                  ("  - {name: %s, owner: %s, hive: {metastores: 1, %s, folder: %s, warehouse: %s,"
                          + " uris: ['thrift://127.0.0.1:%d']}}\n")
                      .formatted(
                          database,
                          owner,
                          hive,
                          CONFIGURATION,
                          HOME.resolve("warehouse"),
                          Metastore.PORT));
            });
    timed("up: " + name, PulumiRun.up().describedBy(changed).run().succeeded());
  }

  /** Removes what an interrupted run may have left. */
  private static void emptySchema(String database, String owner) {
    CLUSTER.sql(
        CLUSTER.leader(),
        database,
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION " + owner);
  }

  /** Deletes the other site file. */
  private static void keepOnly(String name) throws IOException {
    for (var other : List.of("hive-site.xml", "metastore-site.xml")) {
      if (!other.equals(name)) {
        Files.delete(CONFIGURATION.resolve(other));
      }
    }
  }

  /** Writes the files with the command that a Hive administrator uses. */
  private static void writeFiles() {
    var written =
        TestProcess.run(
            List.of("make", "-s", "hive-config", "STACK=containers", "FOLDER=" + CONFIGURATION),
            "",
            Map.of("HIVE_CONFIG_PULUMI", Lab.COMMAND + " containers pulumi"));
    assertThat(written.status()).as(written.output()).isZero();
  }

  private static JsonNode outputs() {
    try {
      return new ObjectMapper().readTree(LAB.outputs());
    } catch (IOException e) {
      throw new LabFailure("the stack's outputs are not JSON: " + e.getMessage());
    }
  }

  /** Returns a site file's properties as Hadoop's own class reads them. */
  private static Map<String, String> readByHadoop(Path file) {
    var output = HIVE4.run(TOOL, HOME, "ninefold.lab.hive.ReadConfiguration", file.toString());
    var properties = new TreeMap<String, String>();
    output
        .lines()
        .filter(line -> line.matches("[A-Za-z.0-9]+=.*"))
        .map(line -> line.split("=", 2))
        .forEach(pair -> properties.put(pair[0], pair[1]));
    return properties;
  }

  private static String schematool(HiveDistribution hive, String tool, String task) {
    long began = System.nanoTime();
    var output = hive.run(TOOL, CONFIGURATION, tool, "-dbType", "postgres", task);
    System.out.printf(
        "%-46s %6.1f s%n",
        hive.home().getFileName() + " schematool " + task, (System.nanoTime() - began) / 1e9);
    return output;
  }

  private static void injectAndAwaitDisturbance(MetastoreClient client, Runnable fault) {
    long since = System.nanoTime();
    int errors = client.log().unknown();
    fault.run();
    client.awaitDisturbance(since, errors);
  }

  /**
   * Uses the Metastore during a fault, and requires that every acknowledged change is present on
   * every node and that no client waited more than three times the target. Prints two known defects
   * of Hive if they appear: a change that the Metastore acknowledges and drops, found by reading it
   * back, and threads that keep a closed connection (HIVE-29584), which a restart of the Metastore
   * must cure.
   */
  private static void during(String fault, Target target, Consumer<MetastoreClient> scenario) {
    CLUSTER.awaitHealthy();
    var client = MetastoreClient.start(HIVE4, metastore);
    Map<Integer, String> stuck;
    long ended;
    int logged;
    try (client) {
      client.awaitMixture();
      scenario.accept(client);
      client.awaitFlow(Duration.ofSeconds(90));
      CLUSTER.awaitHealthy();
      logged = metastore.log().length();
      stuck = client.stuckThreads(Duration.ofSeconds(30));
      ended = System.nanoTime();
    }
    var report =
        new WriteReport(
            fault, client.log().longestGap(client.first(), ended), client.log(), nodes(client));
    var ofAThread = client.longestGapOfAThread(stuck.keySet(), client.first(), ended);
    System.out.printf(
        "%-34s longest stall of one client %6d ms; errors %s%n",
        fault, ofAThread.toMillis(), client.log().errors());
    System.out.printf(
        "%-34s ALTER DATABASE was acknowledged and not made: %d times%n",
        fault, client.droppedChanges());
    reportStuckThreads(fault, stuck, metastore.log().substring(logged));
    report.requireNothingLost();
    report.requireGapWithin(target);
    assertThat(ofAThread)
        .as("%s: the longest stall of one client", fault)
        .isLessThanOrEqualTo(Target.allowedInTests(target.in(FaultSuite.DESCRIPTION)));
  }

  /** A thread's answer may hide the cause, so the Metastore's log of that time is searched too. */
  private static void reportStuckThreads(String fault, Map<Integer, String> stuck, String log) {
    if (stuck.isEmpty()) {
      System.out.printf("%-34s HIVE-29584 did not appear%n", fault);
      return;
    }
    System.out.printf(
        "%-34s HIVE-29584: %d of %d threads of the Metastore keep a closed connection: %s%n",
        fault, stuck.size(), MetastoreClient.THREADS, stuck);
    assertThat(stuck.values())
        .as("a defect other than HIVE-29584")
        .allMatch(answer -> answer.contains(CLOSED) || log.contains("SQLException: " + CLOSED));
    metastore.close();
    metastore = Metastore.start(HIVE4, CONFIGURATION, LOG);
    try (var client = MetastoreClient.start(HIVE4, metastore)) {
      assertThat(client.stuckThreads(Duration.ofSeconds(10))).as("after a restart").isEmpty();
    }
  }

  private static Map<String, WriteLog.Comparison> nodes(MetastoreClient client) {
    CLUSTER.awaitReplay();
    return CLUSTER.databases().stream()
        .collect(
            toMap(
                node -> node,
                node ->
                    client
                        .log()
                        .compare(
                            CLUSTER
                                .sql(node, "metastore", client.idsQuery())
                                .lines()
                                .map(Long::valueOf)
                                .collect(toSet()))));
  }
}
