package ninefold;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs of the workstation. */
public final class TestProcess {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private TestProcess() {}

  /**
   * What a program that ended has left.
   *
   * @param status its exit status
   * @param said what it wrote to both its outputs
   */
  public record Ended(int status, String said) {}

  /** Runs a program with this text as its input, and waits for its end. */
  public static Ended run(List<String> command, String input, Map<String, String> environment) {
    return run(command, input, environment, LIMIT);
  }

  /** Runs a program with an input and a timeout. */
  public static Ended run(
      List<String> command, String input, Map<String, String> environment, Duration limit) {
    try {
      var folder = Files.createTempDirectory("program");
      var given = folder.resolve("input");
      var said = folder.resolve("output");
      try {
        Files.writeString(given, input);
        return run(command, given.toFile(), said.toFile(), environment, limit);
      } finally {
        Files.deleteIfExists(given);
        Files.deleteIfExists(said);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new AssertionError(
          command.get(0)
              + " does not run ("
              + e.getMessage()
              + "); toolchain/system-packages installs what toolchain/packages names",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(command + ": interrupted", e);
    }
  }

  private static Ended run(
      List<String> command, File given, File said, Map<String, String> environment, Duration limit)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(command)
            .redirectInput(given)
            .redirectOutput(said)
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    var process = builder.start();
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(
          command + " did not end within " + limit.toSeconds() + " s:\n" + text(said));
    }
    return new Ended(process.exitValue(), text(said));
  }

  /** Runs a program without input, and waits for its end. */
  public static Ended run(String... command) {
    return run(List.of(command), "", Map.of());
  }

  /** Writes an executable file with this text. */
  public static Path executable(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!file.toFile().setExecutable(true)) {
      throw new AssertionError(file + " can't be made executable");
    }
    return file;
  }

  private static String text(File file) throws IOException {
    return Files.readString(file.toPath());
  }

  /**
   * A step's script among those of a machine that is a folder here.
   *
   * @param places further beginnings of paths that lie in the folder
   */
  public static void script(Path machine, String name, String text, String... places) {
    var placed =
        text.replace("/usr/local/lib/ninefold", machine + "/lib")
            .replace("/var/lib/ninefold", machine + "/state")
            .replace("/run/ninefold.", machine + "/run/ninefold.");
    for (var place : places) {
      placed = placed.replace(place, machine + place);
    }
    executable(machine.resolve("lib").resolve(name), placed);
  }

  /** Returns the {@code node.env} of a machine that is a folder. */
  public static void environment(Path machine, String... lines) {
    executable(machine.resolve("lib/node.env"), String.join("\n", lines) + "\n");
  }
}
