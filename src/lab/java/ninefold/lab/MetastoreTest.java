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
 * A real Hive Metastore on the cluster, configured by the stack's outputs alone, and faults while
 * Hive's own client works with it. The tests follow each other.
 */
@Tag("hive")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MetastoreTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final HiveDistribution HIVE4 = HiveDistribution.hive4();
  private static final HiveDistribution HIVE3 = HiveDistribution.hive3();

  /** Not below the project: a description names no hidden folder, and a copy is in one. */
  private static final Path HOME = temporaryFolder();

  private static final Path CONFIGURATION = HOME.resolve("conf");
  private static final Path LOG = file("metastore.log");
  private static final Duration TOOL = Duration.ofMinutes(3);
  private static final String SCHEMATOOL4 =
      "org.apache.hadoop.hive.metastore.tools.schematool.MetastoreSchemaTool";
  private static final String SCHEMATOOL3 =
      "org.apache.hadoop.hive.metastore.tools.MetastoreSchemaTool";

  /** The lab's entry of the Metastore's database, in the description. */
  private static final String ENTRY = "  - {name: metastore, owner: hive, hive: {metastores: 1}}\n";

  /** By this HIVE-29584 is known. */
  private static final String CLOSED = "Connection is closed";

  /** Callers at once; HikariCP's pools hold 30 connections. */
  private static final int MANY = 40;

  private static final Pattern SETTING =
      Pattern.compile("HikariConfig: (\\w+)\\.{2,}([0-9]+)(?:ms)?\n");

  /** What all of a Metastore's pools are made with, and the sizes of them. */
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
  void takeFaultsBack() {
    LAB.takeFaultsBack();
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

  @Test
  @Order(1)
  void outputs_areWrittenForTheMetastoresUserAlone() throws IOException {
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

  @Test
  @Order(2)
  void schematool_makesAndValidatesTheSchema() throws IOException {
    CLUSTER.awaitHealthy();
    empty("metastore", "hive");
    only("hive-site.xml");
    schematool(HIVE4, SCHEMATOOL4, "-initSchema");
    writeFiles();
    only("metastore-site.xml");
    assertThat(schematool(HIVE4, SCHEMATOOL4, "-info"))
        .contains("Metastore schema version:", "4.0.0");
    assertThat(schematool(HIVE4, SCHEMATOOL4, "-validate"))
        .contains("Done with metastore validation: [SUCCESS]");
  }

  @Test
  @Order(3)
  void metastore_startsWithTheFileAlone() {
    metastore = Metastore.start(HIVE4, CONFIGURATION, LOG);
    try (var client = MetastoreClient.start(HIVE4, metastore)) {
      client.awaitFlow(Duration.ofSeconds(30));
      assertThat(client.stuckThreads(Duration.ofSeconds(10))).isEmpty();
    }
    assertThat(pools(metastore)).as("HikariCP's pools, as it tells").containsAllEntriesOf(POOLS);
  }

  /** More callers than its pools have connections: it opens as many as are kept for it, no more. */
  @Test
  @Order(4)
  void metastore_opensNoMoreConnectionsThanAreKeptForIt() {
    try (var client = MetastoreClient.start(HIVE4, metastore, MANY)) {
      client.awaitFlow(Duration.ofSeconds(60));
      Eventually.holds(
          "every connection of a Metastore with many callers has one on the server",
          Duration.ofSeconds(30),
          () -> {
            var opened = connections();
            var all = opened.get("cl_active") + opened.get("cl_waiting");
            assertThat(all).as("connections with %d callers: %s", MANY, opened).isLessThan(31);
            return all > 8 && opened.get("cl_waiting") == 0
                ? Optional.empty()
                : Optional.of(opened.toString());
          });
      System.out.printf("connections of one Metastore with %d clients: %s%n", MANY, connections());
    }
  }

  /** What PgBouncer on the leader says of Hive's connections. */
  private static Map<String, Integer> connections() {
    var pool =
        CLUSTER.pgbouncer(CLUSTER.leader(), "SHOW POOLS").stream()
            .filter(
                row -> row.get("database").equals("metastore") && row.get("user").equals("hive"))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no pool of hive's in metastore"));
    return Stream.of("cl_active", "cl_waiting", "sv_active")
        .collect(toMap(name -> name, name -> Integer.valueOf(pool.get(name))));
  }

  /** How many pools have which value of a setting, from what each writes as it is made. */
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
        client -> felt(client, CLUSTER::switchover));
  }

  @Test
  @Order(6)
  void leadersPowerOff_losesNoAcknowledgedChange() {
    var old = CLUSTER.leader();
    during(
        "hive: leader's power cut",
        Target.METASTORE_LEADER_POWER_CUT,
        client -> {
          felt(client, () -> LAB.powerOff(old));
          client.awaitFlow(FaultSuite.patience(Target.METASTORE_LEADER_POWER_CUT));
          LAB.powerOn(old);
        });
  }

  @Test
  @Order(7)
  void balancersPowerOff_losesNoAcknowledgedChange() {
    var old = CLUSTER.holder();
    during(
        "hive: active balancer's power cut",
        Target.METASTORE_BALANCER_POWER_CUT,
        client -> {
          felt(client, () -> LAB.powerOff(old));
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
            felt(
                client,
                () -> LAB.ssh(leader, "systemctl kill --kill-whom=main --signal=KILL pgbouncer")));
    assertThat(LAB.ssh(leader, run)).isNotEqualTo(before);
  }

  /** The password comes from a credential store now, which the site file only names. */
  @Test
  @Order(9)
  void schemaIsStillValid_byThePasswordInACredentialStore() throws IOException {
    metastore.close();
    describe("hive4-store", "metastore", "version: 4, password: store");
    writeFiles();
    try {
      var file = CONFIGURATION.resolve("metastore-site.xml");
      var password = outputs().at("/passwords/hive").asText();
      assertThat(Files.readString(file)).doesNotContain(password);
      assertThat(readByHadoop(file)).containsEntry("getPassword", password);
      only("metastore-site.xml");
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
   * Another database and user, told by the names that Hive 3 knows; its tool, then its Metastore,
   * with hive-site.xml alone.
   */
  @Test
  @Order(10)
  void hive3_makesAndValidatesItsSchema_andStarts() throws IOException {
    describe("hive3", "metastore3", "version: 3");
    writeFiles();
    only("metastore-site.xml");
    CLUSTER.awaitHealthy();
    empty("metastore3", "hive3");
    schematool(HIVE3, SCHEMATOOL3, "-initSchema");
    writeFiles();
    only("hive-site.xml");
    assertThat(schematool(HIVE3, SCHEMATOOL3, "-info")).contains("3.1.0");
    assertThat(schematool(HIVE3, SCHEMATOOL3, "-validate"))
        .contains("Done with metastore validation: [SUCCESS]");
    try (var started = Metastore.start(HIVE3, CONFIGURATION, file("metastore3.log"));
        var client = MetastoreClient.start(HIVE3, started)) {
      client.awaitFlow(Duration.ofSeconds(30));
      assertThat(client.stuckThreads(Duration.ofSeconds(10))).isEmpty();
      assertThat(pools(started))
          .as("two pools of DataNucleus, which takes their size alone, and two that take all")
          .containsEntry("maximumPoolSize 7", 4L)
          .containsEntry("connectionTimeout 5000", 2L)
          .containsEntry("minimumIdle 2", 2L);
    }
  }

  /** The databases go when they are asked to in both places; the lab is as it was. */
  @Test
  @Order(11)
  void takenBack_droppedWhenAskedForTwice() {
    var gone =
        description(
            "dropped",
            text ->
                text.replace(ENTRY, "")
                    + "\ndrop: {databases: [metastore, metastore3], users: [hive, hive3]}\n");
    told("up: both databases dropped", PulumiRun.up().describedBy(gone).run().succeeded());
    assertThat(
            CLUSTER.sql(
                CLUSTER.leader(),
                "postgres",
                "SELECT datname FROM pg_database WHERE datname LIKE 'metastore%'"
                    + " UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'hive%'"))
        .isEmpty();
    told("up: as it was", PulumiRun.up().run().succeeded());
    assertThat(
            CLUSTER.sql(
                CLUSTER.leader(),
                "postgres",
                "SELECT datname FROM pg_database WHERE datname = 'metastore'"))
        .isEqualTo("metastore");
  }

  /** The lab's description with a Metastore whose files lie in this suite's folder. */
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
    told("up: " + name, PulumiRun.up().describedBy(changed).run().succeeded());
  }

  /** Takes away what a run that ended early has left. */
  private static void empty(String database, String owner) {
    CLUSTER.sql(
        CLUSTER.leader(),
        database,
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION " + owner);
  }

  /** Leaves this one of the site files. */
  private static void only(String name) throws IOException {
    for (var other : List.of("hive-site.xml", "metastore-site.xml")) {
      if (!other.equals(name)) {
        Files.delete(CONFIGURATION.resolve(other));
      }
    }
  }

  /** By the command that a Hive administrator uses. */
  private static void writeFiles() {
    var written =
        TestProcess.run(
            List.of("make", "-s", "hive-config", "STACK=containers", "FOLDER=" + CONFIGURATION),
            "",
            Map.of("HIVE_CONFIG_PULUMI", Lab.COMMAND + " containers pulumi"));
    assertThat(written.status()).as(written.said()).isZero();
  }

  private static JsonNode outputs() {
    try {
      return new ObjectMapper().readTree(LAB.outputs());
    } catch (IOException e) {
      throw new LabFailure("the stack's outputs are no JSON: " + e.getMessage());
    }
  }

  /** A site file's properties as Hadoop's own class finds them. */
  private static Map<String, String> readByHadoop(Path file) {
    var said = HIVE4.run(TOOL, HOME, "ninefold.lab.hive.ReadConfiguration", file.toString());
    var properties = new TreeMap<String, String>();
    said.lines()
        .filter(line -> line.matches("[A-Za-z.0-9]+=.*"))
        .map(line -> line.split("=", 2))
        .forEach(pair -> properties.put(pair[0], pair[1]));
    return properties;
  }

  private static String schematool(HiveDistribution hive, String tool, String task) {
    long began = System.nanoTime();
    var said = hive.run(TOOL, CONFIGURATION, tool, "-dbType", "postgres", task);
    System.out.printf(
        "%-46s %6.1f s%n",
        hive.home().getFileName() + " schematool " + task, (System.nanoTime() - began) / 1e9);
    return said;
  }

  private static void felt(MetastoreClient client, Runnable fault) {
    long since = System.nanoTime();
    int errors = client.log().unknown();
    fault.run();
    client.awaitDisturbance(since, errors);
  }

  /**
   * Works with the Metastore while a fault happens, and requires that every acknowledged change is
   * on every node, and that no client waited three times as long as the target. Two defects of Hive
   * are named where they show: a change that it acknowledges and drops, found by reading it back,
   * and threads that keep a closed connection (HIVE-29584), which a restart of the Metastore must
   * cure.
   */
  private static void during(String fault, Target target, Consumer<MetastoreClient> story) {
    CLUSTER.awaitHealthy();
    var client = MetastoreClient.start(HIVE4, metastore);
    Map<Integer, String> stuck;
    long ended;
    int logged;
    try (client) {
      client.awaitMixture();
      story.accept(client);
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
        "%-34s ALTER DATABASE was acknowledged and not made: %d times%n", fault, client.unmade());
    tellStuck(fault, stuck, metastore.log().substring(logged));
    report.requireNothingLost();
    report.requireGapWithin(target);
    assertThat(ofAThread)
        .as("%s: the longest stall of one client", fault)
        .isLessThanOrEqualTo(Target.allowedInTests(target.in(FaultSuite.DESCRIPTION)));
  }

  /** What a thread answers may hide why; the Metastore's log of that time tells it. */
  private static void tellStuck(String fault, Map<Integer, String> stuck, String log) {
    if (stuck.isEmpty()) {
      System.out.printf("%-34s HIVE-29584 did not show%n", fault);
      return;
    }
    System.out.printf(
        "%-34s HIVE-29584: %d of %d threads of the Metastore keep a closed connection: %s%n",
        fault, stuck.size(), MetastoreClient.THREADS, stuck);
    assertThat(stuck.values())
        .as("another defect")
        .allMatch(said -> said.contains(CLOSED) || log.contains("SQLException: " + CLOSED));
    metastore.close();
    metastore = Metastore.start(HIVE4, CONFIGURATION, LOG);
    try (var client = MetastoreClient.start(HIVE4, metastore)) {
      assertThat(client.stuckThreads(Duration.ofSeconds(10))).as("after a restart").isEmpty();
    }
  }

  private static Map<String, WriteLog.Comparison> nodes(MetastoreClient client) {
    CLUSTER.awaitArrival();
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
