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
 * @param said all it printed, both streams as they came
 * @param took how long it took
 */
record PulumiRun(int exitCode, String said, Duration took) {
  private static final Duration LIMIT = Duration.ofMinutes(8);

  private static final String HEALTHY = "verdict: healthy, and as described";

  /**
   * What the cluster is built by: the description of the last {@code up} that went well. After one
   * that failed it matches none.
   */
  private static final AtomicReference<Optional<Path>> BUILT =
      new AtomicReference<>(Optional.of(ChangeSuite.DESCRIPTION_FILE));

  /** How Pulumi is asked: with which description, and what else is to happen meanwhile. */
  static final class Ask {
    private final List<String> arguments;
    private String input = "";
    private Path description = ChangeSuite.DESCRIPTION_FILE;
    private BiConsumer<String, ProcessHandle> watcher = (line, process) -> {};

    private Ask(List<String> arguments) {
      this.arguments = arguments;
    }

    /** Another description than the lab was deployed with. */
    Ask describedBy(Path file) {
      this.description = file;
      return this;
    }

    /** What it reads on its standard input. */
    Ask reading(String text) {
      this.input = text;
      return this;
    }

    /** Sees every line as it is printed, and Pulumi's process. */
    Ask watchedBy(BiConsumer<String, ProcessHandle> lines) {
      this.watcher = lines;
      return this;
    }

    /** Runs it to its end, whatever that is. */
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
        var limit = ended(process);
        try (var stdin = process.getOutputStream()) {
          stdin.write(input.getBytes(UTF_8));
        }
        var said = read(process);
        int code = process.waitFor();
        limit.interrupt();
        var took = Duration.ofNanos(System.nanoTime() - began);
        if (took.compareTo(LIMIT) >= 0) {
          throw new AssertionError("Pulumi did not end within " + LIMIT + ":\n" + said);
        }
        if (arguments.get(0).equals("up")) {
          BUILT.set(Optional.of(description).filter(file -> code == 0));
          if (code == 0 && said.contains(HEALTHY)) {
            LiveCluster.foundHealthy();
          }
        }
        return new PulumiRun(code, said, took);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }

    private String read(Process process) throws IOException {
      var said = new StringBuilder();
      try (var lines = new BufferedReader(process.inputReader(UTF_8))) {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
          said.append(line).append('\n');
          watcher.accept(line, process.toHandle());
        }
      }
      return said.toString();
    }

    private static Thread ended(Process process) {
      var limit =
          new Thread(
              () -> {
                try {
                  if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                  }
                } catch (InterruptedException e) {
                  // It ended in time.
                  Thread.currentThread().interrupt();
                }
              });
      limit.setDaemon(true);
      limit.start();
      return limit;
    }
  }

  /** The description that the cluster is to match; none after an {@code up} that failed. */
  static Optional<Cluster> description() {
    return BUILT.get().map(DescriptionReader::read);
  }

  /** Pulumi with these arguments. */
  static Ask of(String... arguments) {
    return new Ask(List.of(arguments));
  }

  /** {@code pulumi up}, with nothing asked. */
  static Ask up() {
    return of("up", "--yes", "--skip-preview", "--suppress-outputs", "--color", "never");
  }

  /** The change as a user reviews it. */
  static Ask preview() {
    return of("preview", "--diff", "--suppress-outputs", "--color", "never");
  }

  /** The same run, which must have gone well. */
  PulumiRun succeeded() {
    if (exitCode != 0) {
      throw new AssertionError("Pulumi ended with " + exitCode + ":\n" + said);
    }
    return this;
  }

  /** The same run, which must have been refused or have failed. */
  PulumiRun failed() {
    if (exitCode == 0) {
      throw new AssertionError("Pulumi went through with this:\n" + said);
    }
    return this;
  }

  /** The numbers of resources by what was done to them, as Pulumi's last lines tell. */
  int resources(String what) {
    return said.lines()
        .map(String::strip)
        .map(line -> line.replaceFirst("^[-+~]+ *", ""))
        .filter(line -> line.matches("\\d+ " + what))
        .mapToInt(line -> Integer.parseInt(line.substring(0, line.indexOf(' '))))
        .findFirst()
        .orElse(0);
  }
}
