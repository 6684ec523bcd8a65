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
 * Base of the fault suites: the cluster in the lab, the health check before each test, and a client
 * that writes during the fault.
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

  /**
   * The time after which a lease that was not renewed has expired and a new leader has taken over.
   */
  static final Duration LEASE = Duration.ofMillis(FailoverModel.of(DESCRIPTION).leaseRunsOut());

  /** An allowance for delays, since nine nodes, a client and the tests share two cores. */
  static final Duration SLACK = Duration.ofSeconds(5);

  /** The longest gap of a fault from which the cluster recovers by itself. */
  private static final Duration WRITES_RESUME_WITHIN = patience(Target.LEADER_POWER_CUT);

  @BeforeEach
  void awaitHealthyCluster() {
    CLUSTER.awaitHealthy();
  }

  /** Removes the faults that a failed test has left behind. */
  @AfterEach
  void removeFaults() {
    LAB.removeFaults();
  }

  /**
   * Writes while a fault is injected and removed, waits until the cluster is healthy, and requires
   * that no acknowledged write is missing on any node.
   */
  static WriteReport during(String fault, Consumer<WritingClient> scenario) {
    return during(CLUSTER, OUTPUTS, fault, scenario);
  }

  /** Does the same on a different cluster. */
  static WriteReport during(
      LiveCluster cluster, StackOutputs outputs, String fault, Consumer<WritingClient> scenario) {
    return during(cluster, outputs, WritingClient.USUAL_RATE, fault, scenario);
  }

  /** Does the same with a given number of writes per second. */
  static WriteReport during(
      LiveCluster cluster,
      StackOutputs outputs,
      int rate,
      String fault,
      Consumer<WritingClient> scenario) {
    return during(() -> cluster, outputs, rate, fault, scenario);
  }

  /** Does the same where the change adds or removes nodes of the cluster. */
  static WriteReport during(
      Supplier<LiveCluster> clusterAfterwards,
      StackOutputs outputs,
      int rate,
      String fault,
      Consumer<WritingClient> scenario) {
    var client = WritingClient.start(outputs, rate);
    LiveCluster cluster;
    try (client) {
      scenario.accept(client);
      client.awaitFlow(WRITES_RESUME_WITHIN);
      cluster = clusterAfterwards.get();
      cluster.awaitHealthy();
    }
    var report = new WriteReport(fault, client.longestGap(), client.log(), cluster.compare(client));
    return report.requireNothingLost();
  }

  /**
   * Does the same with a fault that the client notices and from which the cluster recovers by
   * itself.
   */
  static WriteReport duringDisturbance(String fault, Runnable injection) {
    return during(
        fault,
        client -> {
          long since = System.nanoTime();
          int errors = client.errors();
          injection.run();
          client.awaitDisturbance(since, errors, Duration.ofSeconds(30));
        });
  }

  /** The longest wait for the end of a gap: longer than the longest gap that a test allows. */
  static Duration patience(Target target) {
    return Target.allowedInTests(target.in(DESCRIPTION)).plus(SLACK);
  }

  /** A duration plus the allowance for a busy machine. */
  static Duration withSlack(int seconds) {
    return Duration.ofSeconds(seconds).plus(SLACK);
  }
}
