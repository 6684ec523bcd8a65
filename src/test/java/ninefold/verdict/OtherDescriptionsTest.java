package ninefold.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The recorded facts, evaluated with different descriptions. */
class OtherDescriptionsTest {
  private static final String NO_CHANGE = "";

  /** The recorded cluster's description with more keys. */
  private static Cluster described(String more) {
    return Descriptions.cluster(text() + more + "\n");
  }

  private static String text() {
    try {
      return Files.readString(Descriptions.stack("containers"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> found(Cluster cluster, String changes) {
    return Recording.of(cluster).change(changes).verdict().findings().stream()
        .map(finding -> finding.check().word() + finding.node().map(it -> "@" + it).orElse(""))
        .toList();
  }

  /** A value at the limit is accepted, a value beyond it is not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          replicationLag: 1MiB   | {leader} postgresql.replicas[name={other}].replayed = lsn-1048576 | {leader} postgresql.replicas[name={other}].replayed = lsn-1048577
          archiveWait: 20s       | {leader} postgresql.waiting = {"segments": 1} ; {leader} postgresql.waiting.oldest = now-20 | {leader} postgresql.waiting = {"segments": 1} ; {leader} postgresql.waiting.oldest = now-20.5
          backupAge: 170h        | repository backups.backups[*].end = now-612000 | repository backups.backups[*].end = now-612001
          clientWait: 1s         | {leader} pgbouncer.pools = [{"database": "app", "user": "app", "waiting": 1, "longest": 1}] | {leader} pgbouncer.pools = [{"database": "app", "user": "app", "waiting": 1, "longest": 1.1}]
          balancerSessions: 50   | {holder} haproxy.sessions = 500 | {holder} haproxy.sessions = 501
          etcdSize: 10           | {etcd} etcd.quota = 100 ; {etcd} etcd.databaseSize = 10 | {etcd} etcd.quota = 100 ; {etcd} etcd.databaseSize = 11
          transactionAge: 200    | {leader} postgresql.xidAge = 200000000 | {leader} postgresql.xidAge = 200000001
          certificateValidity: 5d | {etcd} certificates[*].ends = now+432000 | {etcd} certificates[*].ends = now+431999
          clockDifference: 50ms  | {etcd} time = now+0.149 | {etcd} time = now+0.151
          freeSpace: 5           | {etcd} machine.mounts = [{"path": "/", "size": 100, "free": 5, "inodes": 0, "freeInodes": 0}] | {etcd} machine.mounts = [{"path": "/", "size": 100, "free": 4, "inodes": 0, "freeInodes": 0}]
          freeInodes: 20         | {etcd} machine.mounts = [{"path": "/", "size": 9, "free": 9, "inodes": 10, "freeInodes": 2}] | {etcd} machine.mounts = [{"path": "/", "size": 9, "free": 9, "inodes": 10, "freeInodes": 1}]
          """)
  void limit_isThatOfTheDescription(String limit, String within, String beyond) {
    Cluster cluster = described("health: {" + limit + "}");

    assertThat(found(cluster, within)).isEmpty();
    assertThat(found(cluster, beyond)).hasSize(1);
  }

  @Test
  void managedClock_mustBeReported() {
    Cluster cluster =
        Descriptions.cluster(text().replace("time: {manage: false}", "time: {manage: true}"));

    assertThat(found(cluster, NO_CHANGE)).hasSize(9).allMatch(it -> it.startsWith("fact-missing@"));
    assertThat(
            found(
                cluster,
                String.join(
                    " ; ",
                    List.of("postgres*", "etcd*", "haproxy*", "repository").stream()
                        .map(it -> it + " machine.clock = {\"synchronized\": true, \"offset\": 0}")
                        .toList())))
        .isEmpty();
  }

  @Test
  void asyncDurability_needsNoSynchronousReplica() {
    String configured =
        "postgres1 patroni.described.synchronous_mode = false ; postgres*"
            + " patroni.configuration.synchronous_mode = false ; ";
    String asynchronous = "{leader} postgresql.replicas[*].sync = \"async\"";

    assertThat(found(described("durability: async"), configured + asynchronous)).isEmpty();
    assertThat(found(described("durability: quorum"), configured + asynchronous))
        .containsExactly("sync-standby-missing");
  }

  @Test
  void quorumStandbys_areSynchronous() {
    assertThat(
            found(
                described("durability: quorum"),
                "{leader} postgresql.replicas[*].sync = \"quorum\" ; postgres*"
                    + " patroni.members.members[role=sync_standby].role = \"quorum_standby\""))
        .isEmpty();
  }

  @Test
  void nodeWithoutLoadBalance_isDown() {
    Recording recording = Recording.of(described(""));
    String other = recording.named("{other}");
    Cluster cluster =
        Descriptions.cluster(
            text()
                .replaceFirst("(name: " + other + ",[^}]*)}", "$1, tags: {noloadbalance: true}}"));

    assertThat(found(cluster, NO_CHANGE))
        .containsExactly("server-state@haproxy1", "server-state@haproxy2");
    assertThat(
            found(
                cluster,
                "haproxy* haproxy.servers[backend=replicas,name={other}].status = \"DOWN\""))
        .isEmpty();
  }

  /** It may be inactive: whether it is in use concerns only its user. */
  @Test
  void describedSlot_mustExistOnTheLeader() {
    Cluster cluster = described("postgresql: {slots: [{name: receiver, type: physical}]}");
    String slot =
        "{leader} postgresql.slots += {\"name\": \"receiver\", \"type\": \"physical\", \"active\":"
            + " false, \"status\": \"%s\"}";

    assertThat(found(cluster, NO_CHANGE))
        .containsExactly("slot-missing@" + Recording.of(cluster).named("{leader}"));
    assertThat(found(cluster, slot.formatted("reserved"))).isEmpty();
    assertThat(found(cluster, slot.formatted("lost")))
        .containsExactly("slot-lost@" + Recording.of(cluster).named("{leader}"));
  }

  /** Only parameters of extensions: all others are checked when the description is read. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          auto_explain.log_min_duration: 8MS     | 'MS' is not a unit of PostgreSQL; did you mean 'ms'?
          auto_explain.log_min_duration: 5 minutes | 'minutes' is not a unit of PostgreSQL
          auto_explain.log_min_duration: 10MB    | not a valid integer
          auto_explain.log_analyze: maybe        | not a valid bool
          auto_explain.sample_rate: cheap        | not a valid real
          """)
  void invalidValue_isReported(String parameter, String why) {
    String name = parameter.substring(0, parameter.indexOf(':'));
    Cluster cluster = described("postgresql: {parameters: {" + parameter + "}}");
    String settings =
        """
        postgres* postgresql.settings."auto_explain.log_min_duration" = \
        {"value": "-1", "unit": "ms", "type": "integer", "pending": false} ; \
        postgres* postgresql.settings."auto_explain.log_analyze" = \
        {"value": "off", "type": "bool", "pending": false} ; \
        postgres* postgresql.settings."auto_explain.sample_rate" = \
        {"value": "1", "type": "real", "pending": false}""";

    List<Finding> findings = Recording.of(cluster).change(settings).verdict().findings();

    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.check()).isEqualTo(Check.SETTING_UNREADABLE);
              assertThat(finding.what()).contains(name, why);
              assertThat(finding.next()).contains("postgresql.parameters." + name);
            });
  }

  @Test
  void parameterThatPatroniDropped_isReportedOnEachNode() {
    assertThat(found(described("postgresql: {parameters: {random_page_cost: '1.1'}}"), NO_CHANGE))
        .containsExactly(
            "setting-differs@postgres1", "setting-differs@postgres2", "setting-differs@postgres3");
  }

  /** PostgreSQL lists an extension's parameters only if its library is loaded. */
  @Test
  void extensionParameter_isCheckedIfItsLibraryIsLoaded() {
    assertThat(
            found(
                described("postgresql: {parameters: {pg_stat_statements.max: '100'}}"), NO_CHANGE))
        .hasSize(3);
    assertThat(found(described("postgresql: {parameters: {plperl.use_strict: on}}"), NO_CHANGE))
        .isEmpty();
  }

  @Test
  void clusterWithoutAnswers_isUnknown() {
    Verdict verdict = Verdict.of(Descriptions.three("1GiB", ""), Map.of());

    assertThat(verdict.state()).isEqualTo(ClusterState.UNKNOWN);
    assertThat(verdict.findings()).extracting(Finding::check).containsOnly(Check.NODE_SILENT);
    assertThat(IntStream.range(0, 4).mapToObj(i -> verdict.findings().get(i).node().orElseThrow()))
        .containsExactly("a", "b", "c", "d");
  }
}
