package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import java.util.OptionalLong;
import ninefold.verdict.Check;
import ninefold.verdict.ClusterState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The screens and exit codes of {@code status}. */
class StatusCommandTest {
  private static final String MACHINE =
      """
      , "machine": {"mounts": [
          {"path": "/var/lib/postgresql", "size": 21474836480, "free": 1073741824, "inodes": 1000, "freeInodes": 900},
          {"path": "/", "size": 10737418240, "free": 5368709120, "inodes": 0, "freeInodes": 0}]},
        "conformity": {
          "units": [{"name": "patroni.service", "active": "active", "enabled": "enabled"},
                    {"name": "pgbouncer.service", "active": "failed", "enabled": "enabled"}],
          "packages": [{"name": "patroni", "wanted": "4.0.7-1", "installed": "4.0.7-1"},
                       {"name": "jq", "wanted": null, "installed": null}],
          "files": [{"path": "/etc/pgbouncer/pgbouncer.ini", "problem": "changed",
                     "lines": ["-max_client_conn = 300", "+max_client_conn = 30"]},
                    {"path": "/etc/ninefold/tls/patroni/node.key", "problem": "owner", "lines": []}],
          "unfinished": []},
        "certificates": [
          {"service": "patroni", "path": "/p", "ends": 1827486000, "served": true},
          {"service": "pgbouncer", "path": "/q", "ends": 1796100000, "served": false},
          {"service": "backup", "path": "/r", "ends": 1827486000, "served": {"error": "no answer"}}]
      """;

  @Test
  void healthyCluster_fitsOnOneScreen() {
    var run = Run.of(new FakeClusterConnection(FakeObservation.healthy()), "status");

    assertThat(run.status()).isZero();
    assertThat(run.out().lines()).hasSizeLessThan(25).allMatch(line -> line.length() <= 100);
    Golden.matches("healthy.txt", run.out());
  }

  @Test
  void brokenCluster_startsWithTheNextStep() {
    var run = Run.of(new FakeClusterConnection(broken()), "status");

    assertThat(run.status()).isEqualTo(2);
    Golden.matches("broken.txt", run.out());
  }

  /** There is no leader, b is off, c lags, and files on a were changed. */
  private static FakeObservation broken() {
    return FakeObservation.healthy()
        .leader()
        .member("a", "replica", "starting", 3, OptionalLong.empty())
        .member("b", "?", "silent", 2, OptionalLong.empty())
        .member("c", "replica", "streaming", 3, OptionalLong.of(40_000_000))
        .silent("b")
        .paused()
        .backupRuns(Optional.empty())
        .facts("a", MACHINE)
        .finding(
            ClusterState.NO_WRITES,
            Check.NO_LEADER,
            Optional.empty(),
            "The cluster has no leader.",
            "docs/operations/failover.md")
        .finding(
            ClusterState.NO_WRITES,
            Check.NODE_SILENT,
            Optional.of("b"),
            "b does not answer: timeout.",
            "check that it is switched on")
        .finding(
            ClusterState.NO_WRITES,
            Check.UNIT_INACTIVE,
            Optional.of("a"),
            "a: pgbouncer.service is failed.",
            "journalctl -u pgbouncer on a");
  }

  @Test
  void json_isPrinted() throws JsonProcessingException {
    var run = Run.of(new FakeClusterConnection(broken()), "status", "--json");

    assertThat(run.status()).isEqualTo(2);
    assertThat(new ObjectMapper().readTree(run.out()).path("state").asText())
        .isEqualTo("no-writes");
    Golden.matches("broken.json", run.out());
    Golden.matches(
        "healthy.json",
        Run.of(new FakeClusterConnection(FakeObservation.healthy()), "status", "--json").out());
  }

  @Test
  void node_isShownWithAllItsFacts() {
    var run = Run.of(new FakeClusterConnection(broken()), "status", "a");

    assertThat(run.status()).isEqualTo(1);
    Golden.matches("node.txt", run.out());
  }

  @Test
  void exitCodeOfANode_countsOnlyItsFindings() {
    assertThat(Run.of(new FakeClusterConnection(broken()), "status", "c").status()).isZero();
    assertThat(Run.of(new FakeClusterConnection(broken()), "status", "b").status()).isEqualTo(1);
    assertThat(
            Run.of(new FakeClusterConnection(FakeObservation.healthy().silent("b")), "status", "b"))
        .satisfies(
            run -> {
              assertThat(run.status()).isEqualTo(1);
              assertThat(run.out()).contains("node b (10.0.0.1:22): timeout");
            });
  }

  @Test
  void drift_printsDifferingLines() {
    var run = Run.of(new FakeClusterConnection(broken()), "status", "--drift");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out())
        .isEqualTo(
            """
            a: /etc/pgbouncer/pgbouncer.ini (changed)
              -max_client_conn = 300
              +max_client_conn = 30
            a: /etc/ninefold/tls/patroni/node.key (owner)
            b: not known
            """);
    assertThat(Run.of(new FakeClusterConnection(broken()), "status", "c", "--drift").out())
        .isEqualTo("no file differs from what the stack wrote\n");
  }

  @ParameterizedTest
  @EnumSource(ClusterState.class)
  void exitCode_isThatOfTheState(ClusterState state) {
    var observation =
        FakeObservation.healthy()
            .finding(state, Check.FACT_MISSING, Optional.empty(), "something", "look");

    assertThat(Run.of(new FakeClusterConnection(observation), "status").status())
        .isEqualTo(state.exitCode());
    assertThat(Run.of(new FakeClusterConnection(observation), "status", "--json").status())
        .isEqualTo(state.exitCode());
  }

  @Test
  void watch_repeats_andEndsWithTheLastState() {
    var later =
        FakeObservation.healthy()
            .finding(
                ClusterState.DEGRADED,
                Check.PAUSED,
                Optional.empty(),
                "it is paused",
                "./ninefold resume");
    var connection = new FakeClusterConnection(FakeObservation.healthy()).then(later);

    var run = Run.of(stack -> connection, Optional.empty(), 2, "status", "--watch", "--json");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out().lines()).hasSize(3).allMatch(line -> line.startsWith("{\"cluster\":"));
  }

  @Test
  void watchOnATerminal_overwritesTheLastScreen() {
    var connection = new FakeClusterConnection(FakeObservation.healthy());

    var run =
        Run.of(stack -> connection, Optional.of(""), 1, "status", "--watch", "--interval", "5");

    assertThat(run.out()).startsWith("\u001b[H2026-11-30T06:00:00Z, every 5 s\u001b[K\n");
    assertThat(run.out().split("\u001b\\[H")).hasSize(3);
  }

  @Test
  void controlCharacters_areReplaced() {
    var observation =
        FakeObservation.healthy()
            .finding(
                ClusterState.DEGRADED,
                Check.FACT_MISSING,
                Optional.of("a"),
                "it says \u001b[2J",
                "look \u0007");

    var run = Run.of(new FakeClusterConnection(observation), "status");

    assertThat(run.out()).contains("it says ?[2J").doesNotContain("\u001b", "\u0007");
  }

  @Test
  void colours_areOptional() {
    var observation = broken().observe();

    assertThat(new StatusScreen(observation, new Palette(true)).lines().get(0))
        .startsWith("\u001b[31m");
    assertThat(new StatusScreen(observation, new Palette(false)).lines())
        .noneMatch(line -> line.contains("\u001b"));
  }
}
