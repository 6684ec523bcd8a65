package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import com.pulumi.Log;
import com.pulumi.deployment.internal.EngineLogger;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

final class StackProgramTest {
  private final List<String> sent = new ArrayList<>();

  /** Logs through the SDK, so that a change in how it logs is noticed here. */
  @Test
  void onlyDebugMessagesAreDropped() {
    var log = new Log(new StackProgram.WithoutDebugMessages(new Sent(sent)));

    log.debug("debug");
    log.excessive("excessive");
    log.info("info");
    log.warn("warning");
    log.error("error");

    assertThat(sent).containsExactly("INFO info", "WARNING warning", "SEVERE error");
    assertThat(log.getErrorCount()).isEqualTo(1);
    assertThat(log.hasLoggedErrors()).isTrue();
  }

  private record Sent(List<String> sent) implements EngineLogger {
    @Override
    public CompletableFuture<Void> logAsync(
        Level level, String message, Resource resource, Integer stream, Boolean ephemeral) {
      sent.add(level + " " + message);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public int getErrorCount() {
      return (int) sent.stream().filter(it -> it.startsWith("SEVERE")).count();
    }

    @Override
    public boolean hasLoggedErrors() {
      return getErrorCount() > 0;
    }
  }
}
