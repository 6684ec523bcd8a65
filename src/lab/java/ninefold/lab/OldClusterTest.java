package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Updates a cluster that the program of an earlier commit built, while a client writes. {@code
 * NINEFOLD_OLD_PROGRAM} is the folder of the earlier program.
 */
@Tag("old-cluster")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OldClusterTest extends ChangeSuite {
  private static final Path OLD = Path.of(System.getenv("NINEFOLD_OLD_PROGRAM"));

  @BeforeAll
  static void buildWithTheOldProgram() {
    LAB.createFresh();
    var up =
        PulumiRun.of(
                "--cwd=" + OLD,
                "up",
                "--yes",
                "--skip-preview",
                "--suppress-outputs",
                "--color=never")
            .describedBy(OLD.resolve("stacks/containers.yaml"))
            .run()
            .succeeded();
    timed("up: the earlier program", up);
  }

  @Test
  @Order(1)
  void firstUp_updatesTheCluster_withoutLosingWrites() {
    var outputs = StackOutputs.of(LAB);
    var after = new AtomicReference<Footprint>();

    applyWhileWriting(
            new LiveCluster(LAB, outputs), outputs, "this program", DESCRIPTION_FILE, after)
        .requireGapWithin(Target.UPDATE);
  }

  @Test
  @Order(2)
  void secondUp_changesNothing() {
    var up = PulumiRun.up().run().succeeded();

    assertThat(up.resources("updated") + up.resources("created") + up.resources("deleted"))
        .as(up.output())
        .isZero();
  }

  /** All attempts must fail on the updated cluster too. */
  @TestFactory
  @Order(3)
  Stream<DynamicTest> attempts() {
    return Attempts.on(new AttackedCluster(LAB, StackOutputs.of(LAB)));
  }
}
