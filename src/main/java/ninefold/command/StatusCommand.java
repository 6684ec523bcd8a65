package ninefold.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import ninefold.description.Node;
import ninefold.verdict.Answer;
import ninefold.verdict.ClusterState;
import ninefold.verdict.Effect;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ninefold status}. */
@Command(
    name = "status",
    description = {
      "Shows whether the cluster is healthy and as described, and what to do if it is not.",
      "Exit codes: 0 healthy; 1 degraded; 2 clients cannot write; 3 the state is unknown."
    })
final class StatusCommand implements Callable<Integer> {
  /** Moves the cursor to the upper left corner, so that the next screen overwrites the last one. */
  private static final String HOME = "\u001b[H";

  private static final String REST_OF_LINE = "\u001b[K";
  private static final String REST_OF_SCREEN = "\u001b[J";

  private final RootCommand root;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NODE",
      arity = "0..1",
      description = "Shows only this machine: units, file systems, certificates, packages, files.")
  private Optional<String> node = Optional.empty();

  @Option(names = "--json", description = "Prints one JSON object; with --watch, one per line.")
  private boolean json;

  @Option(
      names = "--drift",
      description = "Prints only the lines of files that differ from what the stack wrote.")
  private boolean drift;

  @Option(names = "--watch", description = "Repeats the screen until it is interrupted.")
  private boolean watch;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "The pause between two screens of --watch; by default ${DEFAULT-VALUE}.")
  private int interval;

  StatusCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    requireOne();
    try (var connection = root.connect()) {
      var shown = node.map(name -> described(name, connection));
      var observation = connection.observe();
      show(observation, shown);
      while (watch && root.console().pause().sleep(Duration.ofSeconds(interval))) {
        observation = connection.observe();
        show(observation, shown);
      }
      return exitCode(observation, shown);
    }
  }

  private void requireOne() {
    if (json && (drift || node.isPresent())) {
      throw new ParameterException(
          spec.commandLine(), "--json prints everything: leave out NODE and --drift");
    }
    if (interval < 1) {
      throw new ParameterException(spec.commandLine(), "--interval: must be at least 1 s");
    }
  }

  private Node described(String name, ClusterConnection connection) {
    var nodes = connection.cluster().nodes();
    return nodes.stream()
        .filter(it -> it.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "the description has no node '%s'; choose one of: %s"
                        .formatted(
                            name, String.join(", ", nodes.stream().map(Node::name).toList()))));
  }

  private void show(Observation observation, Optional<Node> shown) {
    var console = root.console();
    if (json) {
      console.print(StatusJson.text(observation, console.clock().instant(), watch));
      return;
    }
    var lines = lines(observation, shown);
    if (!watch) {
      console.print(lines);
      return;
    }
    var time =
        console.clock().instant().truncatedTo(ChronoUnit.SECONDS) + ", every " + interval + " s";
    if (console.terminal()) {
      redraw(console.out(), time, lines);
    } else {
      console.print(time);
      console.print(lines);
    }
  }

  /** Overwrites the last screen line by line, because clearing it first would flicker. */
  private static void redraw(PrintWriter out, String time, List<String> lines) {
    out.print(HOME + time + REST_OF_LINE + "\n");
    lines.forEach(line -> out.print(line + REST_OF_LINE + "\n"));
    out.print(REST_OF_SCREEN);
    out.flush();
  }

  private List<String> lines(Observation observation, Optional<Node> shown) {
    var palette = root.console().palette();
    if (drift) {
      return Drift.of(shown.map(it -> only(it, observation)).orElse(observation)).lines(palette);
    }
    return shown
        .map(it -> new NodeScreen(observation, it, palette).lines())
        .orElseGet(() -> new StatusScreen(observation, palette).lines());
  }

  private static Observation only(Node node, Observation observation) {
    return new Observation(
        observation.cluster(),
        Map.of(node.name(), observation.answers().get(node.name())),
        observation.verdict());
  }

  /** The exit code; with NODE, only the findings on that machine count. */
  static int exitCode(Observation observation, Optional<Node> shown) {
    if (shown.isEmpty()) {
      return observation.verdict().state().exitCode();
    }
    var found = NodeScreen.findings(observation, shown.get());
    if (found.stream().anyMatch(it -> it.check().effect() == Effect.NO_WRITES)) {
      return ClusterState.NO_WRITES.exitCode();
    }
    var silent = observation.answers().get(shown.get().name()) instanceof Answer.Silent;
    return found.isEmpty() && !silent
        ? ClusterState.HEALTHY.exitCode()
        : ClusterState.DEGRADED.exitCode();
  }
}
