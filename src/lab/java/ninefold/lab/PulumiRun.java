package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;

/**
 * One run of Pulumi on the lab's stack.
 *
 * @param exitCode its exit code; above 128 if a signal ended it
 * @param output its output, both streams in their order
 * @param took how long it took
 */
record PulumiRun(int exitCode, String output, Duration took) {
  private static final Duration LIMIT = Duration.ofMinutes(8);

  private static final String HEALTHY = "verdict: healthy, and as described";

  /**
   * The description of the last successful {@code up}. It is empty after a failed {@code up}, since
   * the cluster then matches no description.
   */
  private static final AtomicReference<Optional<Path>> LAST_APPLIED =
      new AtomicReference<>(Optional.of(ChangeSuite.DESCRIPTION_FILE));

  /** A command of Pulumi that can be configured before it is run. */
  static final class Command {
    private final List<String> arguments;
    private String input = "";
    private Path description = ChangeSuite.DESCRIPTION_FILE;
    private BiConsumer<String, ProcessHandle> watcher = (line, process) -> {};

    private Command(List<String> arguments) {
      this.arguments = arguments;
    }

    /** Uses a description other than the one that the lab was deployed with. */
    Command describedBy(Path file) {
      this.description = file;
      return this;
    }

    /** Sets the standard input. */
    Command reading(String text) {
      this.input = text;
      return this;
    }

    /** Calls a watcher with every printed line and with Pulumi's process. */
    Command watchedBy(BiConsumer<String, ProcessHandle> lines) {
      this.watcher = lines;
      return this;
    }

    /** Runs the command until it ends, whether it succeeds or fails. */
    PulumiRun run() {
      var command =
          Stream.concat(
                  Stream.of(Lab.COMMAND.toString(), "containers", "pulumi"), arguments.stream())
              .toList();
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("NINEFOLD_DESCRIPTION", description.toString());
      long began = System.nanoTime();
      try {
        var process = builder.start();
        var limit = startTimer(process);
        try (var stdin = process.getOutputStream()) {
          stdin.write(input.getBytes(UTF_8));
        }
        var output = read(process);
        int code = process.waitFor();
        limit.interrupt();
        var took = Duration.ofNanos(System.nanoTime() - began);
        if (took.compareTo(LIMIT) >= 0) {
          throw new AssertionError("Pulumi did not end within " + LIMIT + ":\n" + output);
        }
        if (arguments.get(0).equals("up")) {
          LAST_APPLIED.set(Optional.of(description).filter(file -> code == 0));
          if (code == 0 && output.contains(HEALTHY)) {
            LiveCluster.recordHealthy();
          }
        }
        return new PulumiRun(code, output, took);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }

    private String read(Process process) throws IOException {
      var output = new StringBuilder();
      try (var lines = new BufferedReader(process.inputReader(UTF_8))) {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
          output.append(line).append('\n');
          watcher.accept(line, process.toHandle());
        }
      }
      return output.toString();
    }

    private static Thread startTimer(Process process) {
      var limit =
          new Thread(
              () -> {
                try {
                  if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                  }
                } catch (InterruptedException e) {
                  // The run ended in time.
                  Thread.currentThread().interrupt();
                }
              });
      limit.setDaemon(true);
      limit.start();
      return limit;
    }
  }

  /** Returns the description that the cluster should match, or empty after a failed {@code up}. */
  static Optional<Cluster> description() {
    return LAST_APPLIED.get().map(DescriptionReader::read);
  }

  /** Creates a command with these arguments. */
  static Command of(String... arguments) {
    return new Command(List.of(arguments));
  }

  /** Creates {@code pulumi up} without a confirmation. */
  static Command up() {
    return of("up", "--yes", "--skip-preview", "--suppress-outputs", "--color", "never");
  }

  /** Creates the preview that a user reviews. */
  static Command preview() {
    return of("preview", "--diff", "--suppress-outputs", "--color", "never");
  }

  /** Requires that the run succeeded, and returns it. */
  PulumiRun succeeded() {
    if (exitCode != 0) {
      throw new AssertionError("Pulumi failed with exit code " + exitCode + ":\n" + output);
    }
    return this;
  }

  /** Requires that the run failed, and returns it. */
  PulumiRun failed() {
    if (exitCode == 0) {
      throw new AssertionError("Pulumi succeeded, but should have failed:\n" + output);
    }
    return this;
  }

  /**
   * Returns the number of resources that were {@code created}, {@code updated} or {@code deleted},
   * from the summary in Pulumi's last lines.
   */
  int resources(String what) {
    return output
        .lines()
        .map(String::strip)
        .map(line -> line.replaceFirst("^[-+~]+ *", ""))
        .filter(line -> line.matches("\\d+ " + what))
        .mapToInt(line -> Integer.parseInt(line.substring(0, line.indexOf(' '))))
        .findFirst()
        .orElse(0);
  }
}
