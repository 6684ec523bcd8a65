package ninefold.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import ninefold.description.Role;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The verdict that follows from the findings, and the overview. */
class VerdictTest {
  private static final Cluster CLUSTER = DescriptionReader.read(Descriptions.stack("containers"));

  private final Recording recording = Recording.of(CLUSTER);

  @Test
  void findings_areSortedBySeverity_thenByNode() {
    Verdict verdict =
        recording
            .change(
                "{etcd} machine.mounts[*].free = 0 ; repository machine.mounts[*].free = 0 ;"
                    + " {other} silent ; haproxy* path.write = {\"error\": \"closed\"}")
            .verdict();

    assertThat(verdict.findings())
        .extracting(Finding::check)
        .containsExactly(Check.WRITE_FAILS, Check.NODE_SILENT, Check.SPACE, Check.SPACE);
    assertThat(verdict.findings().get(3).node()).contains("repository");
  }

  @Test
  void lastingFinding_isAWarning() {
    Verdict verdict =
        recording
            .change(
                "postgres* patroni.members.pause = true ; {etcd} conformity.unfinished = [\"etcd\"]")
            .verdict();

    assertThat(verdict.failing()).extracting(Finding::check).containsOnly(Check.STEP_UNFINISHED);
    assertThat(verdict.warnings()).extracting(Finding::check).containsOnly(Check.PAUSED);
  }

  /** The member still streams, but could not come back after its next interruption. */
  @Test
  void lostSlotOfAStreamingMember_isReported() {
    Verdict verdict =
        recording.change("{leader} postgresql.slots[name={other}].status = \"lost\"").verdict();

    assertThat(verdict.findings())
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.what())
                    .contains(
                        recording.named(
                            "slot {other} is lost, so it keeps no WAL for the member that streams"
                                + " from it")));
    assertThat(verdict.failing()).isEmpty();
  }

  @Test
  void checksThatMeanNoWrites_comeFirst_andAreNotLasting() {
    assertThat(Arrays.stream(Check.values()).takeWhile(VerdictTest::noWrites))
        .hasSize(4)
        .noneMatch(Check::lasting);
    assertThat(Arrays.stream(Check.values()).skip(4)).noneMatch(VerdictTest::noWrites);
  }

  private static boolean noWrites(Check check) {
    return check.effect() == Effect.NO_WRITES;
  }

  @ParameterizedTest
  @EnumSource
  void keyword_isKebabCase(Check check) {
    assertThat(check.word()).matches("[a-z]+(-[a-z]+)*");
  }

  @Test
  void line_containsStateAndNextStep() {
    assertThat(recording.verdict().line()).isEqualTo("healthy, and as described");

    recording.change("postgres* patroni.members.pause = true");
    assertThat(recording.verdict().line())
        .isEqualTo(
            "degraded. Patroni is paused: if the leader fails, no other node takes over. Do"
                + " first: ./ninefold resume");

    recording.change("repository silent");
    assertThat(recording.verdict().line())
        .startsWith("degraded. repository does not answer: no connection in 5 s. Do first: ")
        .endsWith(" (and 1 further finding)");
  }

  @Test
  void exitCodes_areStable() {
    assertThat(Arrays.stream(ClusterState.values()).map(ClusterState::exitCode))
        .containsExactly(0, 1, 2, 3);
  }

  @Test
  void overview_showsMembers() {
    ClusterOverview overview =
        recording
            .change("{leader} postgresql.replicas[name={other}].replayed = lsn-4096")
            .verdict()
            .overview();

    assertThat(overview.leader()).contains(recording.named("{leader}"));
    assertThat(overview.members())
        .extracting(
            ClusterOverview.Member::name,
            ClusterOverview.Member::role,
            ClusterOverview.Member::state)
        .containsExactlyInAnyOrder(
            tuple(recording.named("{leader}"), "leader", "running"),
            tuple(recording.named("{sync}"), "sync_standby", "streaming"),
            tuple(recording.named("{other}"), "replica", "streaming"));
    assertThat(member(overview, "{other}").lag()).isEqualTo(OptionalLong.of(4096));
    assertThat(member(overview, "{other}").sync()).contains("async");
    assertThat(member(overview, "{leader}").lag()).isEmpty();
    assertThat(member(overview, "{leader}").timeline()).isPresent();
  }

  private ClusterOverview.Member member(ClusterOverview overview, String name) {
    return overview.members().stream()
        .filter(member -> member.name().equals(recording.named(name)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void overview_showsSilentAndUnknownMembers() {
    ClusterOverview overview =
        recording
            .change(
                "postgres* patroni.members.members[name={other}] delete ; postgres*"
                    + " patroni.members.members += {\"name\": \"stranger\", \"role\": \"replica\","
                    + " \"state\": \"starting\"} ; {other} silent")
            .verdict()
            .overview();

    assertThat(member(overview, "{other}").state()).isEqualTo("silent");
    assertThat(overview.members()).hasSize(4).last().extracting("name").isEqualTo("stranger");
  }

  @Test
  void overview_showsClientsPath() {
    ClusterOverview overview =
        recording
            .change(
                "{leader} pgbouncer.pools = [{\"database\": \"app\", \"user\": \"app\","
                    + " \"waiting\": 2, \"longest\": 1.5}] ; {spare} haproxy = {\"error\": \"no\"} ;"
                    + " haproxy* path.write.seconds = 0.25")
            .verdict()
            .overview();

    assertThat(overview.holders()).containsExactly(recording.named("{holder}"));
    assertThat(overview.write()).contains(Duration.ofMillis(250));
    assertThat(overview.readFrom())
        .hasValueSatisfying(node -> assertThat(node).startsWith("postgres"));
    assertThat(overview.balancers())
        .extracting(
            ClusterOverview.Balancer::name,
            ClusterOverview.Balancer::answers,
            ClusterOverview.Balancer::holds)
        .containsExactlyInAnyOrder(
            tuple(recording.named("{holder}"), true, true),
            tuple(recording.named("{spare}"), false, false));
    assertThat(overview.pools())
        .contains(
            new ClusterOverview.Pool(
                recording.named("{leader}"), true, 2, Duration.ofMillis(1500)));
    assertThat(
            overview.balancers().stream()
                .flatMap(balancer -> balancer.servers().stream())
                .filter(server -> server.backend().equals("leader") && server.up()))
        .extracting(ClusterOverview.Server::name)
        .containsExactly(recording.named("{leader}"));
  }

  @Test
  void overview_showsEtcd() {
    ClusterOverview overview =
        recording
            .change("{etcd} etcd.quota = 1000 ; {etcd} etcd.databaseSize = 250")
            .verdict()
            .overview();

    assertThat(overview.etcd())
        .hasSize(CLUSTER.nodes(Role.ETCD).size())
        .filteredOn(ClusterOverview.EtcdMember::leads)
        .hasSize(1);
    assertThat(overview.etcd())
        .filteredOn(member -> member.node().equals(recording.named("{etcd}")))
        .extracting(ClusterOverview.EtcdMember::quotaPercent)
        .containsExactly(OptionalInt.of(25));
  }

  @Test
  void recoveryWindow_startsAfterTheLastGap() {
    String backups =
        "repository backups.backups = [{\"label\": \"old\", \"type\": \"full\", \"begin\": 100,"
            + " \"end\": 200, \"size\": 1, \"stored\": 1, \"kept\": [],"
            + " \"error\": false, \"first\":"
            + " \"000000010000000000000002\", \"last\": \"000000010000000000000002\"},"
            + " {\"label\": \"new\", \"type\": \"full\", \"begin\": 300, \"end\": 400, \"size\": 1,"
            + " \"stored\": 1, \"kept\": [], \"error\": false, \"first\": \"000000010000000000000007\", \"last\":"
            + " \"000000010000000000000008\"}] ; repository backups.archive = [{\"timeline\": 1,"
            + " \"ranges\": [[\"0000000000000001\", \"0000000000000009\"]]}] ; {leader}"
            + " postgresql.archiver.lastArchivedAt = 500";
    ClusterOverview.Backups whole =
        recording.change(backups).verdict().overview().backups().orElseThrow();

    assertThat(whole.gaps()).isEmpty();
    assertThat(whole.oldest()).get().extracting("label").isEqualTo("old");
    assertThat(whole.newest()).get().extracting("label").isEqualTo("new");
    assertThat(whole.window())
        .contains(
            new ClusterOverview.Window(
                EpochSeconds.of(200),
                Optional.of(EpochSeconds.of(500)),
                "000000010000000000000009"));

    recording.change(
        "repository backups.archive = [{\"timeline\": 1, \"ranges\": [[\"0000000000000001\","
            + " \"0000000000000003\"], [\"0000000000000006\", \"0000000000000009\"]]}]");
    ClusterOverview.Backups broken = recording.verdict().overview().backups().orElseThrow();

    assertThat(broken.gaps())
        .containsExactly(
            new ClusterOverview.Gap("000000010000000000000004", "000000010000000000000005", 2));
    assertThat(broken.window()).get().extracting("from").isEqualTo(EpochSeconds.of(400));
  }

  @Test
  void overview_showsFirstCertificateToExpire() {
    ClusterOverview overview =
        recording
            .change("{leader} certificates[service=patroni].ends = now+864000 ; {other} silent")
            .verdict()
            .overview();

    assertThat(overview.certificates())
        .hasSize(CLUSTER.nodes().size() - 1)
        .contains(new ClusterOverview.Certificate(recording.named("{leader}"), "patroni", 10));
  }

  @Test
  void overviewWithoutAnswers_isEmpty() {
    ClusterOverview overview =
        recording
            .change("postgres* silent ; etcd* silent ; haproxy* silent ; repository silent")
            .verdict()
            .overview();

    assertThat(overview.leader()).isEmpty();
    assertThat(overview.members())
        .extracting(ClusterOverview.Member::state)
        .isEqualTo(List.of("silent", "silent", "silent"));
    assertThat(overview.backups()).isEmpty();
  }
}
