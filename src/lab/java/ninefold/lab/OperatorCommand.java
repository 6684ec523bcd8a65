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
 * @param exitCode its exit code
 * @param output its output
 */
record OperatorCommand(int exitCode, String output) {
  private static final Path COMMAND = Path.of("ninefold").toAbsolutePath();
  private static final int LIMIT_SECONDS = 300;

  /** Runs the command to its end. Its messages on standard error count as output. */
  static OperatorCommand run(String... words) {
    return run(true, words);
  }

  /** Does the same; only the standard output counts. */
  static OperatorCommand runForStandardOutput(String... words) {
    return run(false, words);
  }

  /** Starts the command, and kills it and its children as soon as it prints this text. */
  static void killedAt(String text, List<String> words) {
    var command = new ArrayList<>(List.of(COMMAND.toString()));
    command.addAll(words);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("NINEFOLD_PULUMI", Lab.COMMAND + " containers pulumi");
    var output = new StringBuilder();
    try {
      var process = builder.start();
      process.getOutputStream().close();
      try (var lines = process.inputReader(UTF_8)) {
        var line = lines.readLine();
        while (line != null && !line.contains(text)) {
          output.append(line).append('\n');
          line = lines.readLine();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        if (line == null) {
          throw new AssertionError(
              "ninefold " + words + " did not print '" + text + "':\n" + output);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
      var output = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("ninefold " + List.of(words) + " did not end in time:\n" + output);
      }
      return new OperatorCommand(process.exitValue(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Requires this exit code, and returns the same run. */
  OperatorCommand ended(int expected) {
    if (exitCode != expected) {
      throw new AssertionError(
          "ninefold ended with exit code %d instead of %d:\n%s"
              .formatted(exitCode, expected, output));
    }
    return this;
  }
}
