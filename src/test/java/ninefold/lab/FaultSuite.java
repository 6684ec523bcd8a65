package ninefold.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import ninefold.cluster.Cluster;
import ninefold.cluster.DescriptionReader;
import ninefold.cluster.Failover.Timings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/**
 * What all fault suites share: the cluster in the lab, the gate before each test, and a client that
 * writes while the fault happens.
 */
@Tag("lab-containers")
@Tag("faults")
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

  /** HAProxy sees a server go or come, s: two checks, and what one check may take. */
  static final int BALANCER_SEES = (2 * TIMINGS.checkInterval() + TIMINGS.checkTimeout()) / 1000;

  /** Once Patroni knows, s: the race, in which a silent member is waited for, and the promotion. */
  static final int PROMOTION = 4;

  /** Nine nodes, a client and the tests share two cores: starts and checks may lag by this. */
  static final Duration SLACK = Duration.ofSeconds(5);

  private static final Duration FLOWS_WITHIN = Duration.ofSeconds(90);

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
    var client = WritingClient.start(outputs, rate);
    try (client) {
      story.accept(client);
      client.awaitFlow(FLOWS_WITHIN);
      cluster.awaitHealthy();
    }
    var report = new WriteReport(fault, client.longestGap(), client.log(), cluster.compare(client));
    System.out.println(report.line());
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

  /** Seconds as a duration, plus what a busy machine of two cores may add. */
  static Duration withSlack(int seconds) {
    return Duration.ofSeconds(seconds).plus(SLACK);
  }
}
