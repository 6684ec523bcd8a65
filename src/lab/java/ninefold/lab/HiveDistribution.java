package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A distribution of the Hive Metastore, downloaded by {@code lab/hive/fetch}.
 *
 * @param home the folder of the distribution
 * @param folder the folder of the download, which also contains Hadoop's libraries and the suite's
 *     own client
 */
record HiveDistribution(Path home, Path folder) {
  private static final Path LOGGING = Path.of("lab", "hive", "log4j2.properties").toAbsolutePath();

  /** The Metastore of Hive 4. */
  static HiveDistribution hive4() {
    return of("hive4");
  }

  /** The Metastore of Hive 3. */
  static HiveDistribution hive3() {
    return of("hive3");
  }

  private static HiveDistribution of(String name) {
    var folder =
        Optional.ofNullable(System.getenv("NINEFOLD_HIVE"))
            .map(Path::of)
            .orElseThrow(
                () ->
                    new LabFailure(
                        "NINEFOLD_HIVE is not set: run lab/test-containers hive, which sets it"));
    return new HiveDistribution(folder.resolve(name), folder);
  }

  /** Returns a command that runs a program of Hive with the configuration files of a folder. */
  ProcessBuilder program(Path configuration, String... mainAndArguments) {
    var command = new ArrayList<>(List.of("java", "-Xmx384m", "-XX:+UseSerialGC"));
    command.add("-XX:TieredStopAtLevel=1");
    for (var opened : List.of("lang", "net", "util", "util.concurrent")) {
      command.addAll(List.of("--add-opens", "java.base/java." + opened + "=ALL-UNNAMED"));
    }
    command.add("-Dlog4j2.configurationFile=" + LOGGING);
    command.add("-cp");
    command.add(
        String.join(
            File.pathSeparator,
            configuration.toString(),
            home + "/lib/*",
            folder + "/hadoop/*",
            folder.resolve("client").toString(),
            driver()));
    command.addAll(List.of(mainAndArguments));
    var builder = new ProcessBuilder(command);
    builder.environment().put("METASTORE_HOME", home.toString());
    return builder;
  }

  /** Hive 3 has no driver for PostgreSQL. Hive 4 has one, which comes first in the class path. */
  private static String driver() {
    try {
      var source = org.postgresql.Driver.class.getProtectionDomain().getCodeSource();
      return Path.of(source.getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new LabFailure("cannot find the file of the JDBC driver: " + e);
    }
  }

  /** Runs a program to its end; returns what it printed. */
  String run(Duration limit, Path configuration, String... mainAndArguments) {
    try {
      var log = Files.createTempFile("hive", ".log");
      var process =
          program(configuration, mainAndArguments)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      var inTime = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      process.destroyForcibly();
      var text = Files.readString(log, UTF_8);
      Files.delete(log);
      if (!inTime || process.exitValue() != 0) {
        throw new LabFailure(
            String.join(" ", mainAndArguments)
                + (inTime ? ": status " + process.exitValue() : ": no end in " + limit)
                + "\n"
                + text);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
