package ninefold.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;
import ninefold.verdict.Check;
import ninefold.verdict.ClusterState;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The last step of {@code pulumi up}. */
class VerifyCommandTest {
  private static final String KEY = "-----BEGIN A PRIVATE KEY-----";

  private final Time time = new Time();

  @Test
  void healthyCluster_succeedsAtOnce() {
    var run = verify(new FakeClusterConnection(FakeObservation.healthy()));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("verdict: ");
    assertThat(time.passed()).isZero();
  }

  /** Patroni chooses a synchronous replica in its next cycle. */
  @Test
  void settlingCluster_isAwaited() {
    var settling = found(ClusterState.DEGRADED, Check.SYNC_STANDBY_MISSING);

    var run = verify(new FakeClusterConnection(settling).then(FakeObservation.healthy()));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(time.passed()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void lastingProblem_fails_withFindingsAndNextSteps() {
    var wrong = found(ClusterState.DEGRADED, Check.SETTING_DIFFERS);

    var run = verify(new FakeClusterConnection(wrong));

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("b: The problem. Next: what to do", "./ninefold status");
    assertThat(time.passed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(22));
  }

  @Test
  void lastingFinding_isAWarning() {
    var old = found(ClusterState.DEGRADED, Check.PAUSED).paused();

    var run = verify(new FakeClusterConnection(old));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("warning: ", "verdict: ");
  }

  /** The steps do not wait for it either. */
  @Test
  void replicaCatchingUpFromTheArchive_isAWarning() {
    var run = verify(new FakeClusterConnection(replays(100)).then(replays(101)));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("warning: c: c is in archive recovery. Next: ");
    assertThat(time.passed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(22));
  }

  @Test
  void stuckReplica_fails() {
    var run = verify(new FakeClusterConnection(replays(100)).then(replays(100)));

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("c is in archive recovery.");
  }

  /** A replica that is catching up is not a reliable copy. */
  @Test
  void onlyReplicaCatchingUp_fails() {
    var run = verify(new FakeClusterConnection(replays(100)).then(replays(101).without("b")));

    assertThat(run.status()).isEqualTo(1);
  }

  private static FakeObservation replays(long position) {
    var postgresql =
        ", \"postgresql\": {\"recovery\": true, \"timeline\": 3, \"lsn\": %d}".formatted(position);
    return FakeObservation.healthy()
        .member("c", "replica", "in archive recovery", 3, OptionalLong.of(1 << 30))
        .facts("c", postgresql)
        .finding(
            ClusterState.DEGRADED,
            Check.MEMBER_STATE,
            Optional.of("c"),
            "c is in archive recovery.",
            "look at its log");
  }

  /** A machine that does not answer is only a warning, but an unknown state is a failure. */
  @Test
  void unknownState_fails() {
    var run = verify(new FakeClusterConnection(found(ClusterState.UNKNOWN, Check.NODE_SILENT)));

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("not healthy or not as described");
  }

  @Test
  void invalidInput_isRejected_andNotPrinted() {
    for (var input : new String[] {"", KEY, "{\"privateKey\": \"" + KEY + "\"}"}) {
      var run = verify(new FakeClusterConnection(FakeObservation.healthy()), input);

      assertThat(run.status()).isEqualTo(78);
      assertThat(run.out() + run.err())
          .contains("only pulumi up runs this command")
          .doesNotContain(KEY);
    }
  }

  private static FakeObservation found(ClusterState state, Check check) {
    return FakeObservation.healthy()
        .finding(state, check, Optional.of("b"), "The problem.", "what to do");
  }

  private Run verify(ClusterConnection connection) {
    return verify(
        connection,
        """
        {"description": "stacks/containers.yaml", "changes": "1", "privateKey": "%s", "hostKeys": {
          "postgres1": "k", "postgres2": "k", "postgres3": "k", "etcd1": "k", "etcd2": "k",
          "etcd3": "k", "haproxy1": "k", "haproxy2": "k", "repository": "k"}}
        """
            .formatted(KEY));
  }

  private Run verify(ClusterConnection connection, String input) {
    var out = new StringWriter();
    var err = new StringWriter();
    var console =
        new Console(
            new PrintWriter(out),
            new PrintWriter(err),
            new Palette(false),
            false,
            Optional::empty,
            time,
            time::pass);
    var command =
        new VerifyCommand(
            new ByteArrayInputStream(input.getBytes(UTF_8)), stack -> connection, console);
    var status =
        new CommandLine(command)
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler(FailureReport::execution)
            .execute();
    return new Run(status, out.toString(), err.toString());
  }

  /** A clock that only pauses advance. */
  private static final class Time extends Clock {
    private Instant now = FakeObservation.NOW;

    boolean pass(Duration pause) {
      now = now.plus(pause);
      return true;
    }

    Duration passed() {
      return Duration.between(FakeObservation.NOW, now);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
