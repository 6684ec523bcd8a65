package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * On existing machines, {@code pulumi destroy} must remove services and configuration, but keep the
 * data. The tests depend on their order. They compare with an inventory of the machines from before
 * the cluster; without one, they create new machines.
 */
@Tag("destroy")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DestroyTest extends ChangeSuite {
  private static Footprint before;

  @BeforeAll
  static void buildOnInventoriedMachines() {
    before = FreshMachines.savedInventory(LAB).orElseGet(() -> FreshMachines.create(LAB));
    timed("up", PulumiRun.up().run().succeeded());
    cluster().awaitHealthy();
  }

  /** Apart from the data, the machines must look as before the cluster. */
  @Test
  @Order(1)
  void destroy_restoresTheMachines_andKeepsTheData() throws SQLException {
    execute("CREATE TABLE kept AS SELECT 'written before destroy' AS row");

    timed(
        "destroy",
        PulumiRun.of("destroy", "--yes", "--skip-preview", "--color", "never").run().succeeded());

    assertThat(before.differences(withoutOwnersOfData(Footprint.inventory(LAB, NODES)))).isEmpty();
    for (var node : List.of("postgres1", "postgres2", "postgres3")) {
      assertThat(LAB.ssh(node, "ls /var/lib/postgresql/*/main/PG_VERSION")).isNotBlank();
    }
    assertThat(LAB.ssh("etcd1", "ls /var/lib/etcd/ninefold/member")).contains("wal");
    assertThat(LAB.ssh("repository", "ls /var/lib/pgbackrest/backup")).isNotBlank();
    for (var node : NODES) {
      assertThat(LAB.ssh(node, "find /var/lib/ninefold -type f").lines())
          .contains("/var/lib/ninefold/cluster")
          .isSubsetOf(
              "/var/lib/ninefold/cluster",
              "/var/lib/ninefold/made-users",
              "/var/lib/ninefold/born/etcd",
              "/var/lib/ninefold/born/patroni");
    }
  }

  /** A cluster with a different name must not take over the data. */
  @Test
  @Order(2)
  void dataOfAnotherCluster_isRefused_beforeAnyChange() {
    var other =
        description("other-name", text -> text.replaceFirst("(?m)^name: .*$", "name: other"));
    var untouched = Footprint.of(LAB, NODES);

    var run =
        timed(
            "up of another cluster",
            PulumiRun.of("up", "--yes", "--skip-preview", "--color", "never", "--continue-on-error")
                .describedBy(other)
                .run()
                .failed());

    // The first refusal ends the program, so the other machines may not have been checked.
    assertThat(run.output())
        .containsPattern(
            "\\w+: this machine holds data of cluster '" + name() + "', not of 'other'");
    assertThat(untouched.differences(Footprint.of(LAB, NODES))).isEmpty();
  }

  /** The next {@code up} builds the cluster on the data that destroy has kept. */
  @Test
  @Order(3)
  void nextUp_adoptsTheData() throws SQLException {
    timed("up on kept data", PulumiRun.up().run().succeeded());

    cluster().awaitHealthy();
    var outputs = StackOutputs.of(LAB);
    try (var connection =
            DriverManager.getConnection(
                outputs.jdbcUrl(outputs.readWrite()), outputs.jdbcProperties());
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT row FROM kept")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo("written before destroy");
    }
    assertThat(PulumiRun.up().run().succeeded().resources("updated")).isZero();
  }

  /**
   * With {@code wipe}, destroy must delete the data of the cluster, but no other data. It must also
   * restore a file that an interrupted installation had moved away.
   */
  @Test
  @Order(4)
  void destroyWithWipe_deletesTheData() {
    var others = "/var/lib/postgresql/9.6/main/PG_VERSION";
    LAB.ssh("postgres1", "install -D /dev/null " + others);
    var policy = "/usr/sbin/policy-rc.d";
    LAB.ssh(
        "haproxy2",
        "echo theirs >%1$s.ninefold; printf '# ninefold\nexit 101\n' >%1$s".formatted(policy));
    var wiping =
        description(
            "wiping",
            text ->
                text.replace("machines: {kind: given}", "machines: {kind: given, wipe: true}")
                    + dropAllData());
    assertThat(PulumiRun.up().describedBy(wiping).run().succeeded().resources("updated"))
        .as("steps that the wipe changes")
        .isPositive();

    timed(
        "destroy, with the data",
        PulumiRun.of("destroy", "--yes", "--skip-preview", "--color", "never")
            .describedBy(wiping)
            .run()
            .succeeded());

    assertThat(before.differences(Footprint.inventory(LAB, NODES))).isEmpty();
    LAB.ssh("postgres1", "rm " + others);
    assertThat(LAB.ssh("haproxy2", "cat %1$s; rm %1$s".formatted(policy))).isEqualTo("theirs");
    for (var node : NODES) {
      assertThat(
              LAB.ssh(
                  node,
                  "ls -A /var/lib/postgresql/*/main /var/lib/etcd /var/lib/pgbackrest"
                      + " /var/lib/ninefold 2>/dev/null || true"))
          .as(node)
          .doesNotContain("PG_VERSION", "member", "backup", "cluster");
    }
  }

  /** The {@code drop} entry that names every node with data and the repository. */
  private static String dropAllData() {
    return """

        drop:
          data: [%1$s/postgres1, %1$s/postgres2, %1$s/postgres3, %1$s/etcd1, %1$s/etcd2, %1$s/etcd3]
          backups: [%1$s/repository]
        """
        .formatted(name());
  }

  /** A new cluster on the wiped machines, with a different port for every service. */
  @Test
  @Order(5)
  void everyPort_canBeChanged() throws SQLException {
    var ports =
        """

        etcd: {clientPort: 22379, peerPort: 22380}
        postgresql: {port: 15432, patroniPort: 18008}
        pooling: {port: 16432}
        balancing: {readWritePort: 15000, readOnlyPort: 15001, statisticsPort: 17000}
        backup: {port: 18432}
        """;
    timed(
        "up with other ports",
        PulumiRun.up().describedBy(description("ports", text -> text + ports)).run().succeeded());

    var outputs = StackOutputs.of(LAB);
    assertThat(outputs.readWrite()).endsWith(":15000");
    execute("CREATE TABLE through_other_ports ()");
    Eventually.holds(
        "a replica has the table",
        FaultSuite.SLACK,
        () ->
            isReadable(outputs, "through_other_ports") ? Optional.empty() : Optional.of("not yet"));
    // A further database changes pg_hba.conf, which Patroni must reload.
    var further =
        description(
            "ports-and-a-database",
            text ->
                text.replace(
                        "databases:\n",
                        "databases:\n  - {name: later, owner: later, poolSize: 5}\n")
                    + ports);
    timed("up with one database more", PulumiRun.up().describedBy(further).run().succeeded());
    assertThat(currentUser(StackOutputs.of(LAB), "later")).isEqualTo("later");
    assertThat(LAB.ssh("haproxy1", "ss -Hltn 'sport = :17000'")).isNotBlank();
    assertThat(
            LAB.ssh(
                "repository",
                Duration.ofMinutes(2),
                "cd /; runuser -u pgbackrest -- pgbackrest --stanza=%s check && echo well"
                    .formatted(name())))
        .endsWith("well");
  }

  /** Logs in as a user, to the database of the same name, and returns PostgreSQL's current user. */
  private static String currentUser(StackOutputs outputs, String user) throws SQLException {
    var properties = outputs.jdbcProperties();
    properties.setProperty("user", user);
    properties.setProperty("password", outputs.password(user));
    try (var connection =
            DriverManager.getConnection(
                "jdbc:postgresql://" + outputs.readWrite() + "/" + user, properties);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT current_user")) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static boolean isReadable(StackOutputs outputs, String table) {
    try (var connection =
            DriverManager.getConnection(
                outputs.jdbcUrl(outputs.readOnly()), outputs.jdbcProperties());
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT to_regclass('" + table + "') IS NOT NULL")) {
      return rows.next() && rows.getBoolean(1);
    } catch (SQLException e) {
      throw new LabFailure("cannot read through " + outputs.readOnly() + ": " + e);
    }
  }

  private static LiveCluster cluster() {
    return new LiveCluster(LAB, StackOutputs.of(LAB));
  }

  private static String name() {
    return DescriptionReader.read(DESCRIPTION_FILE).name();
  }

  private static void execute(String sql) throws SQLException {
    var outputs = StackOutputs.of(LAB);
    try (var connection =
            DriverManager.getConnection(
                outputs.jdbcUrl(outputs.readWrite()), outputs.jdbcProperties());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Removes pgBackRest's user, which stays because it owns the repository's data. */
  private static Footprint withoutOwnersOfData(Footprint inventory) {
    var entries = new TreeMap<>(inventory.entries());
    assertThat(entries.remove("repository user pgbackrest")).isEqualTo("/var/lib/pgbackrest");
    return new Footprint(entries);
  }
}
