package ninefold.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import ninefold.description.Node;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.Tag;

/** Base of the suites that change the cluster with {@code pulumi}. */
@Tag("lab-containers")
abstract class ChangeSuite {
  static final Lab LAB = new Lab();

  /** The description that the lab is deployed with. */
  static final Path DESCRIPTION_FILE =
      Path.of(
              Optional.ofNullable(System.getenv("NINEFOLD_DESCRIPTION"))
                  .orElse("stacks/containers.yaml"))
          .toAbsolutePath();

  static final List<String> NODES =
      DescriptionReader.read(DESCRIPTION_FILE).nodes().stream().map(Node::name).toList();

  private static final Path FOLDER = Path.of("target", "lab").toAbsolutePath();

  /** Writes a changed copy of the description and returns its path. */
  static Path description(String name, UnaryOperator<String> change) {
    return description(name, DESCRIPTION_FILE, change);
  }

  /** Writes a changed copy of a different description and returns its path. */
  static Path description(String name, Path original, UnaryOperator<String> change) {
    try {
      Files.createDirectories(FOLDER);
      var text = change.apply(Files.readString(original));
      return Files.writeString(FOLDER.resolve(name + ".yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A path below target/lab for a file of a suite. */
  static Path file(String name) {
    return FOLDER.resolve(name);
  }

  /** Sets a key {@code ninefold:…} of the stack's configuration. */
  static void configure(String key, String value, String... options) {
    var words = Stream.concat(Stream.of("config", "set", "ninefold:" + key), Stream.of(options));
    PulumiRun.of(words.toArray(String[]::new)).reading(value).run().succeeded();
  }

  /** Removes a key from the stack's configuration. */
  static void unconfigure(String key) {
    PulumiRun.of("config", "rm", "ninefold:" + key).run().succeeded();
  }

  /**
   * Applies a change while a client writes, and requires that no acknowledged write is missing.
   *
   * @param after receives the footprint of the machines right after the change
   */
  static WriteReport applyWhileWriting(
      LiveCluster cluster,
      StackOutputs outputs,
      String what,
      Path changed,
      AtomicReference<Footprint> after) {
    return FaultSuite.during(
        cluster,
        outputs,
        WritingClient.LOW_RATE,
        what,
        client -> {
          timed("up: " + what, PulumiRun.up().describedBy(changed).run().succeeded());
          after.set(Footprint.of(LAB, NODES));
        });
  }

  /** Prints how long a run took, and returns it. */
  static PulumiRun timed(String what, PulumiRun run) {
    System.out.printf("%-46s %6.1f s%n", what, run.took().toMillis() / 1000.0);
    return run;
  }
}
