package ninefold.urn;

import static java.util.stream.Collectors.toCollection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import ninefold.Descriptions;
import ninefold.Graph;

/** The lists of URNs of the project's stacks. They show a changed URN before any cluster has it. */
final class UrnLists {
  static final Path FOLDER = Path.of("src/test/resources/urns");

  /** The command that regenerates the lists. */
  static final String COMMAND =
      "./mvnw -q test-compile exec:java -Dexec.classpathScope=test"
          + " -DmainClass=ninefold.urn.UrnLists";

  private UrnLists() {}

  /** Writes the lists of all stacks. */
  public static void main(String[] args) throws IOException {
    Files.createDirectories(FOLDER);
    for (var stack : Descriptions.stacks()) {
      Files.write(file(stack), declared(stack));
    }
  }

  static Path file(String stack) {
    return FOLDER.resolve(stack + ".txt");
  }

  /**
   * Returns the URNs of all resources that the program declares for a stack, as the engine writes
   * them: without the stack's own type, with which the mocks begin the chain of types.
   */
  static SortedSet<String> declared(String stack) {
    return Graph.ofStack(stack).resources().stream()
        .map(resource -> resource.urn().replace("::pulumi:pulumi:Stack$", "::"))
        .collect(toCollection(TreeSet::new));
  }

  /** Returns the stored URNs of a stack; empty if it has no list yet. */
  static SortedSet<String> stored(String stack) throws IOException {
    var file = file(stack);
    return Files.exists(file) ? new TreeSet<>(Files.readAllLines(file)) : new TreeSet<>();
  }
}
