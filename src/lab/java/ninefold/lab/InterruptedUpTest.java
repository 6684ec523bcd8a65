package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Builds a cluster on new machines with an {@code up} that is interrupted several times, by SIGINT,
 * SIGTERM and SIGKILL in turn, each time a little later, and then repeated.
 */
@Tag("interrupted")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class InterruptedUpTest extends ChangeSuite {
  private static final List<String> SIGNALS = List.of("INT", "TERM", "KILL");
  private static final String CUTS_VARIABLE = "NINEFOLD_CUTS";

  /** Each signal twice, unless the environment sets another number. */
  private static final int CUTS =
      Optional.ofNullable(System.getenv(CUTS_VARIABLE))
          .map(Integer::parseInt)
          .orElse(2 * SIGNALS.size());

  /** The interruptions are spread over this number of steps; the stack has about 70. */
  private static final int STEPS = 60;

  private static final String STEP = "command:remote:Command";

  private static int createdSteps;

  @BeforeAll
  static void freshMachines() {
    FreshMachines.create(LAB);
  }

  static Stream<Arguments> cuts() {
    return IntStream.rangeClosed(1, CUTS)
        .mapToObj(cut -> Arguments.of(SIGNALS.get(cut % SIGNALS.size()), STEPS * cut / CUTS));
  }

  /**
   * Creates only some resources with {@code --target}, as a user may do with machines before the
   * first complete run.
   */
  @Test
  @Order(1)
  void targetedUp_createsOnlyThoseResources() {
    var run =
        PulumiRun.of(
                "up",
                "--yes",
                "--skip-preview",
                "--color",
                "never",
                "--target=**::ninefold:cluster:PostgresCluster::*",
                "--target=**$ninefold:secret:Credentials::*",
                "--target=**::app/password")
            .run()
            .succeeded();

    assertThat(run.resources("created")).as(run.output()).isEqualTo(4);
  }

  /**
   * Interrupts the run after a number of created resources. Each run continues where the last one
   * stopped.
   */
  @ParameterizedTest(name = "SIG{0} after {1} steps")
  @MethodSource("cuts")
  @Order(2)
  void interruptedUp_canBeRepeated(String signal, int after) {
    var count = new AtomicInteger(createdSteps);
    var cut = new AtomicBoolean();
    var run =
        PulumiRun.up()
            .watchedBy(
                (line, process) -> {
                  if (line.contains(STEP)
                      && line.contains(" created")
                      && count.incrementAndGet() >= after) {
                    if (cut.compareAndSet(false, true)) {
                      send(signal, process.pid());
                    }
                  }
                })
            .run();
    createdSteps = count.get();
    assertThat(cut).as("the signal was sent:\n" + run.output()).isTrue();
    run.failed();
    timed("up interrupted by SIG" + signal + " after " + after + " steps", run);
    if (signal.equals("KILL")) {
      recover();
    }
  }

  /** The last run must complete the cluster, and a further run must have nothing to do. */
  @Test
  @Order(3)
  void lastUp_completesTheCluster_andItsFirstBackup() {
    timed("the last up", PulumiRun.up().run().succeeded());

    var cluster = new LiveCluster(LAB, StackOutputs.of(LAB));
    cluster.awaitHealthy();
    assertThat(
            LAB.ssh("repository", "cd /; runuser -u pgbackrest -- pgbackrest info --output=json"))
        .contains("\"type\":\"full\"", "\"code\":0");
    FaultSuite.during(
        cluster,
        StackOutputs.of(LAB),
        WritingClient.LOW_RATE,
        "after " + CUTS + " interruptions",
        client -> assertThat(client).isNotNull());

    var unchanged = PulumiRun.up().run().succeeded();
    assertThat(
            unchanged.resources("created")
                + unchanged.resources("updated")
                + unchanged.resources("deleted"))
        .as(unchanged.output())
        .isZero();
    var state = PulumiRun.of("stack", "export").run().succeeded().output();
    assertThat(SecretSearch.tree(state).path("deployment").path("pending_operations")).isEmpty();
  }

  /** Clears what a killed Pulumi leaves behind, as docs/operations/interrupted-up.md describes. */
  private static void recover() {
    PulumiRun.of("cancel", "--yes").run().succeeded();
    PulumiRun.of("refresh", "--clear-pending-creates", "--yes", "--skip-preview").run().succeeded();
  }

  private static void send(String signal, long pid) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
