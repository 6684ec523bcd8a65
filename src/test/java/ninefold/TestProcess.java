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
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private TestProcess() {}

  /**
   * The result of a program that ended.
   *
   * @param status its exit status
   * @param output its standard output and standard error together
   */
  public record Ended(int status, String output) {}

  /** Runs a program with this text as its input, and waits for its end. */
  public static Ended run(List<String> command, String input, Map<String, String> environment) {
    return run(command, input, environment, TIMEOUT);
  }

  /** Runs a program with an input and a timeout. */
  public static Ended run(
      List<String> command, String input, Map<String, String> environment, Duration timeout) {
    try {
      var folder = Files.createTempDirectory("program");
      var inputFile = folder.resolve("input");
      var outputFile = folder.resolve("output");
      try {
        Files.writeString(inputFile, input);
        return run(command, inputFile.toFile(), outputFile.toFile(), environment, timeout);
      } finally {
        Files.deleteIfExists(inputFile);
        Files.deleteIfExists(outputFile);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new AssertionError(
          command.get(0)
              + " does not run ("
              + e.getMessage()
              + "); toolchain/system-packages installs the packages that tests need",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(command + ": interrupted", e);
    }
  }

  private static Ended run(
      List<String> command,
      File input,
      File output,
      Map<String, String> environment,
      Duration timeout)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(command)
            .redirectInput(input)
            .redirectOutput(output)
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    var process = builder.start();
    if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(
          command + " did not end within " + timeout.toSeconds() + " s:\n" + text(output));
    }
    return new Ended(process.exitValue(), text(output));
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
      throw new AssertionError(file + " cannot be made executable");
    }
    return file;
  }

  private static String text(File file) throws IOException {
    return Files.readString(file.toPath());
  }

  /**
   * Installs a step's script on a machine that is a folder.
   *
   * @param places prefixes of further paths to move below the folder
   */
  public static void script(Path machine, String name, String text, String... places) {
    var script =
        text.replace("/usr/local/lib/ninefold", machine + "/lib")
            .replace("/var/lib/ninefold", machine + "/state")
            .replace("/run/ninefold.", machine + "/run/ninefold.");
    for (var place : places) {
      script = script.replace(place, machine + place);
    }
    executable(machine.resolve("lib").resolve(name), script);
  }

  /** Writes the {@code node.env} of a machine that is a folder. */
  public static void environment(Path machine, String... lines) {
    executable(machine.resolve("lib/node.env"), String.join("\n", lines) + "\n");
  }
}
