package ninefold.lab;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The attempts that {@code docs/attempts.md} lists. */
@Tag("attempts")
final class AttackersTest extends ChangeSuite {
  @TestFactory
  Stream<DynamicTest> attempts() {
    return Attempts.on(new AttackedCluster(LAB, StackOutputs.of(LAB)));
  }
}
