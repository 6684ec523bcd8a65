package ninefold.lab;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import ninefold.TestProcess;

/**
 * The lab's packages with a higher version, as an update would deliver them, in a signed repository
 * in the lab's network.
 */
final class OtherVersions implements AutoCloseable {
  private static final String HOST = "192.168.100.254";
  private static final String OF_THE_LAB = "http://" + HOST + ":8080";
  private static final String PORT = "8081";
  private static final String SUITE = "trixie";

  private final Path folder;
  private final Map<String, String> versions;
  private final Process server;

  OtherVersions(Path folder, List<String> packages) {
    this.folder = folder;
    this.versions = new TreeMap<>(make(folder, packages));
    this.server = serve(folder);
  }

  /** Returns the new version of each package, by its name. */
  Map<String, String> versions() {
    return Map.copyOf(versions);
  }

  /** Returns the lines of the description that install these versions. */
  String description() {
    var held =
        versions.entrySet().stream()
            .map(entry -> "%s: '%s'".formatted(entry.getKey(), entry.getValue()))
            .collect(joining(", "));
    return """

    packages:
      versions: {%s}
      repository:
        url: http://%s:%s
        suite: lab
        key: |
    %s
    """
        .formatted(held, HOST, PORT, key().indent(6).stripTrailing());
  }

  @Override
  public void close() {
    server.destroy();
  }

  private String key() {
    try {
      return Files.readString(folder.resolve("keyring.asc"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> make(Path folder, List<String> packages) {
    var command =
        new ArrayList<>(
            List.of("lab/containers/other-versions", folder.toString(), OF_THE_LAB, SUITE));
    command.addAll(packages);
    var result = TestProcess.run(command.toArray(String[]::new));
    assertThat(result.status()).as(result.output()).isZero();
    return result
        .output()
        .lines()
        .map(line -> line.split(" ", 2))
        .collect(toMap(words -> words[0], words -> words[1]));
  }

  private static Process serve(Path folder) {
    var log = folder.resolve("server.log").toFile();
    var builder =
        new ProcessBuilder(
                "python3",
                "-B",
                "-m",
                "ninefold_lab.repository_server",
                HOST,
                PORT,
                folder.toAbsolutePath().toString())
            .directory(Path.of("lab").toFile())
            .redirectOutput(log)
            .redirectErrorStream(true);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
