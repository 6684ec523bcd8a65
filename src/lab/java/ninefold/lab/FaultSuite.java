package ninefold.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import ninefold.description.Cluster;
import ninefold.description.Failover.Timings;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/**
 * What all fault suites share: the cluster in the lab, the gate before each test, and a client that
 * writes while the fault happens.
 */
@Tag("lab-containers")
abstract class FaultSuite {
  static final Lab LAB = new Lab();
  static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);

  /** The description that the lab was deployed with. */
  static final Cluster DESCRIPTION =
      DescriptionReader.read(
          Path.of(
              Optional.ofNullable(System.getenv("NINEFOLD_DESCRIPTION"))
                  .orElse("stacks/containers.yaml")));

  static final Timings TIMINGS = DESCRIPTION.failover().timings();

  /** By then a lease that is not renewed has expired, and another node would have taken over. */
  static final Duration LEASE = Duration.ofMillis(FailoverModel.of(DESCRIPTION).leaseRunsOut());

  /** Nine nodes, a client and the tests share two cores: starts and checks may lag by this. */
  static final Duration SLACK = Duration.ofSeconds(5);

  /** No fault that the cluster gets over by itself takes longer. */
  private static final Duration FLOWS_WITHIN = patience(Target.LEADER_POWER_CUT);

  @BeforeEach
  void gate() {
    CLUSTER.awaitHealthy();
  }

  /** A test that ended early leaves no fault behind. */
  @AfterEach
  void takeFaultsBack() {
    LAB.takeFaultsBack();
  }

  /**
   * Writes while a fault happens and is taken back, waits until the cluster is healthy, and
   * requires that nothing acknowledged is missing on any node.
   */
  static WriteReport during(String fault, Consumer<WritingClient> story) {
    return during(CLUSTER, OUTPUTS, fault, story);
  }

  /** The same on a cluster as it is reached now. */
  static WriteReport during(
      LiveCluster cluster, StackOutputs outputs, String fault, Consumer<WritingClient> story) {
    return during(cluster, outputs, WritingClient.USUAL_RATE, fault, story);
  }

  /** The same with so many writes a second. */
  static WriteReport during(
      LiveCluster cluster,
      StackOutputs outputs,
      int rate,
      String fault,
      Consumer<WritingClient> story) {
    return during(() -> cluster, outputs, rate, fault, story);
  }

  /** The same where the story changes which machines the cluster has. */
  static WriteReport during(
      Supplier<LiveCluster> left,
      StackOutputs outputs,
      int rate,
      String fault,
      Consumer<WritingClient> story) {
    var client = WritingClient.start(outputs, rate);
    LiveCluster cluster;
    try (client) {
      story.accept(client);
      client.awaitFlow(FLOWS_WITHIN);
      cluster = left.get();
      cluster.awaitHealthy();
    }
    var report = new WriteReport(fault, client.longestGap(), client.log(), cluster.compare(client));
    return report.requireNothingLost();
  }

  /** A fault that the client feels, and that the cluster gets over by itself. */
  static WriteReport duringDisturbance(String fault, Runnable act) {
    return during(
        fault,
        client -> {
          long since = System.nanoTime();
          int errors = client.errors();
          act.run();
          client.awaitDisturbance(since, errors, Duration.ofSeconds(30));
        });
  }

  /** How long a wait for the end of a gap may take: longer than a gap that is refused. */
  static Duration patience(Target target) {
    return Target.allowedInTests(target.in(DESCRIPTION)).plus(SLACK);
  }

  /** Seconds as a duration, plus what a busy machine of two cores may add. */
  static Duration withSlack(int seconds) {
    return Duration.ofSeconds(seconds).plus(SLACK);
  }
}
