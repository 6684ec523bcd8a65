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

/** The last step of an {@code up}. */
class VerifyCommandTest {
  private static final String KEY = "-----BEGIN A PRIVATE KEY-----";

  private final Time time = new Time();

  @Test
  void aHealthyCluster_isSaidToBe_atTheFirstLook() {
    var run = verify(new FakeClusterConnection(Seen.healthy()));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("verdict: ");
    assertThat(time.passed()).isZero();
  }

  /** Patroni names a synchronous standby in its next round. */
  @Test
  void whatComesToRest_isWaitedFor() {
    var restless = found(ClusterState.DEGRADED, Check.SYNC_STANDBY_MISSING);

    var run = verify(new FakeClusterConnection(restless).then(Seen.healthy()));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(time.passed()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void whatStays_fails_withEachFindingAndWhatToDo() {
    var wrong = found(ClusterState.DEGRADED, Check.SETTING_DIFFERS);

    var run = verify(new FakeClusterConnection(wrong));

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("b: What was found. Next: what to do", "./ninefold status");
    assertThat(time.passed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(22));
  }

  @Test
  void aConditionFromBefore_isAWarning() {
    var old = found(ClusterState.DEGRADED, Check.PAUSED).paused();

    var run = verify(new FakeClusterConnection(old));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("warning: ", "verdict: ");
  }

  /** The steps do not wait for it either. */
  @Test
  void aReplicaThatComesAlongByTheArchive_isAWarning() {
    var run = verify(new FakeClusterConnection(replays(100)).then(replays(101)));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("warning: c: c is in archive recovery. Next: ");
    assertThat(time.passed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(22));
  }

  @Test
  void aReplicaThatStandsStill_fails() {
    var run = verify(new FakeClusterConnection(replays(100)).then(replays(100)));

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("c is in archive recovery.");
  }

  /** It is no copy to rely on. */
  @Test
  void whereNoOtherReplicaStreams_oneThatComesAlongFails() {
    var run = verify(new FakeClusterConnection(replays(100)).then(replays(101).without("b")));

    assertThat(run.status()).isEqualTo(1);
  }

  private static Seen replays(long position) {
    var postgresql =
        ", \"postgresql\": {\"recovery\": true, \"timeline\": 3, \"lsn\": %d}".formatted(position);
    return Seen.healthy()
        .member("c", "replica", "in archive recovery", 3, OptionalLong.of(1 << 30))
        .told("c", postgresql)
        .finding(
            ClusterState.DEGRADED,
            Check.MEMBER_STATE,
            Optional.of("c"),
            "c is in archive recovery.",
            "look at its log");
  }

  /** Each machine that is silent is a condition from before; all of them rule nothing out. */
  @Test
  void whereNothingIsKnown_itFails() {
    var run = verify(new FakeClusterConnection(found(ClusterState.UNKNOWN, Check.NODE_SILENT)));

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("not healthy or not as described");
  }

  @Test
  void anInputThatIsNotPulumis_isRefused_andNotShown() {
    for (var input : new String[] {"", KEY, "{\"privateKey\": \"" + KEY + "\"}"}) {
      var run = verify(new FakeClusterConnection(Seen.healthy()), input);

      assertThat(run.status()).isEqualTo(78);
      assertThat(run.out() + run.err()).contains("pulumi up gives it").doesNotContain(KEY);
    }
  }

  private static Seen found(ClusterState state, Check check) {
    return Seen.healthy().finding(state, check, Optional.of("b"), "What was found.", "what to do");
  }

  private Run verify(ClusterConnection site) {
    return verify(
        site,
        """
        {"description": "stacks/containers.yaml", "changes": "1", "privateKey": "%s", "hostKeys": {
          "postgres1": "k", "postgres2": "k", "postgres3": "k", "etcd1": "k", "etcd2": "k",
          "etcd3": "k", "haproxy1": "k", "haproxy2": "k", "repository": "k"}}
        """
            .formatted(KEY));
  }

  private Run verify(ClusterConnection site, String input) {
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
        new VerifyCommand(new ByteArrayInputStream(input.getBytes(UTF_8)), stack -> site, console);
    var status =
        new CommandLine(command)
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler(FailureReport::execution)
            .execute();
    return new Run(status, out.toString(), err.toString());
  }

  /** It passes in pauses only. */
  private static final class Time extends Clock {
    private Instant now = Seen.NOW;

    boolean pass(Duration pause) {
      now = now.plus(pause);
      return true;
    }

    Duration passed() {
      return Duration.between(Seen.NOW, now);
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
