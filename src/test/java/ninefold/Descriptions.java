package ninefold;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;

/** Descriptions of clusters for tests. */
public final class Descriptions {
  private static final Path STACKS = Path.of("stacks");

  private Descriptions() {}

  /** Returns the description's file of one of the project's stacks. */
  public static Path stack(String name) {
    return STACKS.resolve(name + ".yaml");
  }

  /** Returns the names of the project's stacks. */
  public static List<String> stacks() {
    try (Stream<Path> files = Files.list(STACKS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .map(name -> name.substring(0, name.length() - ".yaml".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a cluster from a text. */
  public static Cluster cluster(String text) {
    var file = write(text);
    try {
      return DescriptionReader.read(file);
    } finally {
      file.toFile().delete();
    }
  }

  /**
   * Returns a cluster of three existing hosts with this memory that share all roles, and one for
   * the backups. The last parameter is appended to the description.
   */
  public static Cluster three(String memory, String more) {
    return cluster(
        """
        name: trio
        network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
        machines: {kind: given}
        nodes:
          - {name: a, address: 10.0.0.1, roles: [postgres, etcd, balancer], memory: %1$s}
          - {name: b, address: 10.0.0.2, roles: [postgres, etcd, balancer], memory: %1$s}
          - {name: c, address: 10.0.0.3, roles: [postgres, etcd], memory: %1$s}
          - {name: d, address: 10.0.0.4, roles: [repository], memory: %1$s}
        %2$s
        """
            .formatted(memory, more));
  }

  /** Returns a temporary file with this text. */
  static Path write(String text) {
    try {
      return Files.writeString(Files.createTempFile("cluster", ".yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
