package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Changes that an {@code up} must refuse or limit, because they would cost data or availability
 * later. The tests depend on their order; the last one deletes all databases.
 */
@Tag("guards")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class GuardsTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final String ETCD = "set -a; . /etc/ninefold/etcd.env; ";
  private static final Duration MINUTES = Duration.ofMinutes(3);

  @BeforeEach
  void awaitHealthyCluster() {
    CLUSTER.awaitHealthy();
  }

  @AfterEach
  void removeFaults() {
    LAB.removeFaults();
  }

  /**
   * A replica lacks the files of an extension. The step must fail and name the replica before the
   * extension is created on the leader.
   */
  @Test
  @Order(1)
  void extensionMissingOnReplica_isReported_andNotCreated() {
    var replica = CLUSTER.replicas().get(0);
    var file = "/usr/share/postgresql/17/extension/pg_trgm.control";
    LAB.ssh(replica, "mv " + file + " " + file + ".away");
    try {
      var refused =
          upFails(
              "extension",
              text ->
                  text.replace(
                      "{name: app, owner: app}", "{name: app, owner: app, extensions: [pg_trgm]}"));
      assertThat(refused.output()).contains(replica + "/patroni", "extension pg_trgm");
      assertThat(
              CLUSTER.sql(
                  CLUSTER.leader(),
                  OUTPUTS.database(),
                  "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"))
          .isEqualTo("0");
    } finally {
      LAB.ssh(replica, "mv " + file + ".away " + file);
    }
    restoreDescription();
  }

  /** PostgreSQL ends an idle transaction, and PgBouncer must pass that on to the client. */
  @Test
  @Order(2)
  void idleTransaction_isTerminated() throws SQLException {
    upSucceeds(
        "idle",
        text -> text + "\npostgresql: {parameters: {idle_in_transaction_session_timeout: 2s}}\n");
    try (var connection = connect();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT 1");
      Eventually.holds(
          "the session is ended",
          FaultSuite.withSlack(10),
          () -> {
            var idle =
                CLUSTER.sql(
                    CLUSTER.leader(),
                    "postgres",
                    "SELECT count(*) FROM pg_stat_activity"
                        + " WHERE state = 'idle in transaction' AND usename = 'app'");
            return idle.equals("0") ? Optional.empty() : Optional.of(idle + " are idle");
          });
      assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
    }
    restoreDescription();
  }

  /**
   * After a switchover the new leader must have the described slot, and the old one must still have
   * the ignored slot.
   */
  @Test
  @Order(3)
  void describedSlot_followsTheLeader_ignoredSlotIsKept() {
    upSucceeds(
        "slots",
        text ->
            text
                + "\npostgresql: {slots: [{name: mine, type: physical}],"
                + " ignoreSlots: [{name: theirs, type: physical}]}\n");
    var old = CLUSTER.leader();
    CLUSTER.sql(old, "postgres", "SELECT pg_create_physical_replication_slot('theirs')");
    CLUSTER.switchover();
    CLUSTER.awaitHealthy();

    Eventually.holds(
        "the new leader has the described slot",
        FaultSuite.withSlack(2 * (int) FaultSuite.TIMINGS.patroni().loopWait().toSeconds()),
        () ->
            slots(CLUSTER.leader()).contains("mine")
                ? Optional.empty()
                : Optional.of(slots(CLUSTER.leader()).toString()));
    assertThat(slots(old)).contains("theirs");
    CLUSTER.sql(old, "postgres", "SELECT pg_drop_replication_slot('theirs')");
    restoreDescription();
  }

  /**
   * The machine has a source for the same repository with a different key. The step must name it
   * and leave apt usable.
   */
  @Test
  @Order(4)
  void conflictingAptSource_isReported_andAptStillWorks() {
    var node = "postgres1";
    LAB.ssh(
        node,
        "printf 'deb [signed-by=/etc/apt/keyrings/other.asc] http://192.168.100.254:8081 lab"
            + " main\\n' >/etc/apt/sources.list.d/theirs.list");
    try (var update = new OtherVersions(file("guards-versions"), List.of("etcd-server"))) {
      assertThat(upFails("source", text -> text + update.description()).output())
          .contains(node + "/packages", "/etc/apt/sources.list.d/theirs.list");
      assertThat(LAB.ssh(node, "ls /etc/apt/sources.list.d")).doesNotContain("ninefold.sources");
    } finally {
      LAB.ssh(node, "rm /etc/apt/sources.list.d/theirs.list");
    }
    LAB.ssh(node, MINUTES, "apt-get -q update");
    restoreDescription();
  }

  /** Only the first machine may get the broken version. A pinned version must then restore it. */
  @Test
  @Order(5)
  void postgresqlThatDoesNotStart_isRolledBack() {
    var name = "postgresql-17";
    var version = installedVersion("postgres1", name);
    try (var update =
        new OtherVersions(
            file("guards-broken"), List.of(name + "=/usr/lib/postgresql/17/bin/postgres"))) {
      upFails("broken", text -> text + update.description());
      assertThat(CLUSTER.databases().stream().map(node -> installedVersion(node, name)))
          .containsOnlyOnce(update.versions().get(name));
    }
    upSucceeds(
        "back", text -> text + "\npackages:\n  versions: {%s: '%s'}\n".formatted(name, version));
    CLUSTER.awaitHealthy();
    assertThat(CLUSTER.databases().stream().map(node -> installedVersion(node, name)))
        .containsOnly(version);
    restoreDescription();
  }

  /**
   * etcd has reached its quota: the step must report the alarm instead of waiting for its timeout.
   */
  @Test
  @Order(6)
  void fullEtcd_isReportedAtOnce() {
    upSucceeds("quota", text -> text + "\netcd: {quota: 32MiB}\n");
    LAB.ssh(
        "etcd1",
        MINUTES,
        ETCD
            + "for i in $(seq 60); do head -c 1000000 /dev/zero | tr '\\0' x |"
            + " etcdctl put \"fill$i\" >/dev/null 2>&1 || break; done");
    assertThat(LAB.ssh("etcd1", ETCD + "etcdctl alarm list")).contains("NOSPACE");

    var refused = upFails("larger-quota", text -> text + "\netcd: {quota: 64MiB}\n");
    assertThat(refused.output()).contains("the alarm NOSPACE");
    assertThat(refused.took()).isLessThan(Duration.ofSeconds(60));

    LAB.ssh(
        "etcd1",
        MINUTES,
        ETCD
            + "etcdctl del --prefix fill >/dev/null; etcdctl compact \"$(etcdctl endpoint status"
            + " -w fields | awk '/^\"Revision\"/ { print $3; exit }')\"");
    for (var member : CLUSTER.etcd()) {
      LAB.ssh(
          member,
          MINUTES,
          ETCD
              + "ETCDCTL_ENDPOINTS=https://"
              + OUTPUTS.address(member)
              + ":2379 etcdctl --command-timeout=60s defrag");
    }
    LAB.ssh("etcd1", ETCD + "etcdctl alarm disarm");
    restoreDescription();
  }

  /**
   * All members of etcd have lost their data. {@code up} must not create a new etcd cluster until
   * its generation is raised. PostgreSQL continues in failsafe mode.
   */
  @Test
  @Order(7)
  void lostEtcdData_needsANewGeneration() throws SQLException {
    execute("CREATE TABLE before_etcd_was_lost ()");
    raiseRaftTerm();
    var leader = CLUSTER.leader();
    LAB.ssh(CLUSTER.etcd().get(0), "systemctl stop etcd");
    LAB.ssh(CLUSTER.etcd().get(1), "systemctl stop --no-block etcd");
    LAB.ssh(CLUSTER.etcd().get(2), "systemctl stop --no-block etcd");
    for (var member : CLUSTER.etcd()) {
      LAB.ssh(member, MINUTES, "systemctl stop etcd; mv /var/lib/etcd/ninefold /var/lib/etcd/lost");
    }
    UnaryOperator<String> again = text -> withHigherGeneration(text, "etcd");

    assertThat(upFails("etcd-lost", again).output()).contains("/etcd", "nothing was founded");

    upSucceeds("etcd-founded", text -> again.apply(text) + "\netcd: {generation: 2}\n");
    CLUSTER.awaitHealthy();
    assertThat(CLUSTER.leader()).isEqualTo(leader);
    execute("DROP TABLE before_etcd_was_lost");
  }

  /**
   * All databases and the entries in etcd are lost. {@code up} must not initialize an empty cluster
   * while the repository has backups of the old one.
   */
  @Test
  @Order(8)
  void lostDatabases_areNotReplacedByAnEmptyCluster() throws SQLException {
    execute("CREATE TABLE before_all_was_lost ()");
    for (var node : CLUSTER.databases()) {
      LAB.ssh(node, MINUTES, "systemctl stop patroni");
    }
    for (var node : CLUSTER.databases()) {
      // The machine now looks like a new one.
      LAB.ssh(
          node,
          "rm -r /var/lib/ninefold/applied/*; find /var/lib/postgresql/17/main -mindepth 1 -delete");
    }
    LAB.ssh("etcd1", ETCD + "etcdctl del --prefix /db/ >/dev/null");
    UnaryOperator<String> again =
        text ->
            withHigherGeneration(withHigherGeneration(text, "postgres"), "etcd")
                + "\netcd: {generation: 2}\n";

    assertThat(upFails("databases-lost", again).output())
        .contains("/patroni", "the repository holds backups of", "PostgreSQL was not started");
    assertThat(LAB.ssh("postgres1", "ls -A /var/lib/postgresql/17/main")).isEmpty();

    upSucceeds("begun-anew", text -> again.apply(text) + "\nbackup: {stanza: anew}\n");
    assertThatThrownBy(() -> execute("DROP TABLE before_all_was_lost"))
        .isInstanceOf(SQLException.class);
  }

  /**
   * A new etcd cluster starts with the lowest term. Patroni refuses a term lower than the last one,
   * so the test needs a high term first.
   */
  private static void raiseRaftTerm() {
    for (var member : CLUSTER.etcd()) {
      LAB.ssh(member, MINUTES, "systemctl restart etcd");
      CLUSTER.awaitHealthy();
    }
    var term =
        LAB.ssh(
            "etcd1",
            ETCD
                + "etcdctl endpoint status -w fields |"
                + " awk '/^\"RaftTerm\"/ { print $3; exit }'");
    assertThat(Integer.parseInt(term)).isGreaterThan(2);
  }

  /** Raises the generation of the nodes of a role, so that their steps run again. */
  private static String withHigherGeneration(String text, String role) {
    return text.replace("roles: [" + role + "]}", "roles: [" + role + "], generation: 2}");
  }

  private static PulumiRun upFails(String name, UnaryOperator<String> change) {
    var run = PulumiRun.up().describedBy(description("guards-" + name, change)).run().failed();
    return timed("up, refused: " + name, run);
  }

  private static void upSucceeds(String name, UnaryOperator<String> change) {
    var run = PulumiRun.up().describedBy(description("guards-" + name, change)).run().succeeded();
    timed("up: " + name, run);
  }

  private static void restoreDescription() {
    timed("up: the lab's own description", PulumiRun.up().run().succeeded());
  }

  private static String installedVersion(String node, String name) {
    return LAB.ssh(node, "dpkg-query -W -f '${Version}' " + name);
  }

  private static List<String> slots(String node) {
    return CLUSTER
        .sql(node, "postgres", "SELECT slot_name FROM pg_replication_slots")
        .lines()
        .toList();
  }

  private static Connection connect() throws SQLException {
    return DriverManager.getConnection(
        OUTPUTS.jdbcUrl(OUTPUTS.readWrite()), OUTPUTS.jdbcProperties());
  }

  private static void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
