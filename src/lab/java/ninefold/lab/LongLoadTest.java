package ninefold.lab;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Half an hour of writes without a fault: no failover happens, and no write is delayed. */
@Tag("long-load")
final class LongLoadTest extends FaultSuite {
  private static final Duration LOAD = Duration.ofMinutes(Integer.getInteger("soak.minutes", 30));

  @Test
  void healthyCluster_delaysNoWrite() {
    during("writes without a fault", client -> client.keepWriting(LOAD))
        .requireGapWithin(Target.RELOAD);
  }
}
