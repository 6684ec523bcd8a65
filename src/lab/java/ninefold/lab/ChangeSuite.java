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

/** What the suites share that change the cluster through {@code pulumi}. */
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

  /** The description with further settings at its end, or changed otherwise; a file of its own. */
  static Path description(String name, UnaryOperator<String> change) {
    return description(name, DESCRIPTION_FILE, change);
  }

  /** Another description, changed. */
  static Path description(String name, Path original, UnaryOperator<String> change) {
    try {
      Files.createDirectories(FOLDER);
      var text = change.apply(Files.readString(original));
      return Files.writeString(FOLDER.resolve(name + ".yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of this suite's own. */
  static Path file(String name) {
    return FOLDER.resolve(name);
  }

  /** Sets a value of the stack's configuration, in the namespace of the program. */
  static void configure(String key, String value, String... options) {
    var words = Stream.concat(Stream.of("config", "set", "ninefold:" + key), Stream.of(options));
    PulumiRun.of(words.toArray(String[]::new)).reading(value).run().succeeded();
  }

  /** Takes a value out of the stack's configuration. */
  static void unconfigure(String key) {
    PulumiRun.of("config", "rm", "ninefold:" + key).run().succeeded();
  }

  /**
   * Writes while the change is made, and requires that nothing acknowledged is missing.
   *
   * @param after is given what the machines look like right after it
   */
  static WriteReport changing(
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
          told("up: " + what, PulumiRun.up().describedBy(changed).run().succeeded());
          after.set(Footprint.of(LAB, NODES));
        });
  }

  /** What a run took, for the record. */
  static PulumiRun told(String what, PulumiRun run) {
    System.out.printf("%-46s %6.1f s%n", what, run.took().toMillis() / 1000.0);
    return run;
  }
}
