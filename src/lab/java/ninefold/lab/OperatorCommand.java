package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A run of {@code ./ninefold} on the lab's stack.
 *
 * @param exitCode what it ended with
 * @param said what it printed
 */
record OperatorCommand(int exitCode, String said) {
  private static final Path COMMAND = Path.of("ninefold").toAbsolutePath();
  private static final int LIMIT_SECONDS = 300;

  /** Runs it to its end; what it says to the user beside its output counts as output. */
  static OperatorCommand run(String... words) {
    return run(true, words);
  }

  /** The same; only the standard output counts. */
  static OperatorCommand output(String... words) {
    return run(false, words);
  }

  private static OperatorCommand run(boolean errorsToo, String... words) {
    var command = new ArrayList<>(List.of(COMMAND.toString()));
    command.addAll(List.of(words));
    var builder = new ProcessBuilder(command).redirectErrorStream(errorsToo);
    if (!errorsToo) {
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    }
    builder.environment().put("NINEFOLD_PULUMI", Lab.COMMAND + " containers pulumi");
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var said = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("ninefold " + List.of(words) + " came to no end:\n" + said);
      }
      return new OperatorCommand(process.exitValue(), said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The same run, which must have ended like that. */
  OperatorCommand ended(int expected) {
    if (exitCode != expected) {
      throw new AssertionError(
          "ninefold ended with %d and not with %d:\n%s".formatted(exitCode, expected, said));
    }
    return this;
  }
}
