package ninefold.command;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import ninefold.description.Database;
import ninefold.description.Node;
import ninefold.description.RecoveryTarget;
import ninefold.description.Role;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ninefold copy}. */
@Command(
    name = "copy",
    description = {
      "Restores a copy of the data beside the cluster, and leaves it running until --remove.",
      "The copy has no network listener: the database node's user postgres connects to its socket."
    })
final class CopyCommand implements Callable<Integer> {
  private static final String SCRIPT = "copy-from-backup";
  private static final String FOLDER = "/var/lib/postgresql/ninefold-copy";
  private static final int FIRST_PORT = 1024;
  private static final int LAST_PORT = 65535;

  private final RootCommand root;

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Verb verb = new Verb();

  @Option(
      names = "--set",
      paramLabel = "LABEL",
      description = "The backup to restore; by default the newest one before the point.")
  private Optional<String> set = Optional.empty();

  @Option(
      names = "--timeline",
      paramLabel = "N",
      description =
          "The timeline to recover along; by default the newest one. An older one leads to changes"
              + " that a restore of the whole cluster has discarded.")
  private Optional<Integer> timeline = Optional.empty();

  @Option(
      names = "--node",
      paramLabel = "NODE",
      description =
          "The database node of the copy; by default a replica for which no commit waits. With"
              + " --remove, by default all database nodes.")
  private Optional<String> node = Optional.empty();

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "The port in the name of its socket; by default 5499.")
  private int port = CopyRequest.PORT;

  @Option(
      names = "--plan",
      description = "Prints what would happen, or why it is refused; changes nothing.")
  private boolean plan;

  CopyCommand(RootCommand root) {
    this.root = root;
  }

  /** Either of both. */
  private static final class Verb {
    @Option(
        names = "--to",
        required = true,
        paramLabel = "TARGET",
        converter = RecoveryTargetConverter.class,
        description = "The point at which recovery ends: " + RecoveryTarget.NOTATION + ".")
    private Optional<RecoveryTarget> to = Optional.empty();

    @Option(names = "--remove", required = true, description = "Stops and deletes the copy.")
    private boolean remove;
  }

  @Override
  public Integer call() {
    if (port < FIRST_PORT || port > LAST_PORT) {
      throw new ParameterException(
          spec.commandLine(), "--port must be between %d and %d".formatted(FIRST_PORT, LAST_PORT));
    }
    try (var connection = root.connect()) {
      var names = connection.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList();
      if (node.filter(name -> !names.contains(name)).isPresent()) {
        throw new ParameterException(
            spec.commandLine(),
            "there is no database node %s; choose one of: %s"
                .formatted(node.get(), String.join(", ", names)));
      }
      var scripts = new CopyScripts(connection, root.console());
      return verb.remove
          ? remove(scripts, node.map(List::of).orElse(names))
          : make(scripts, new CopyRequest(verb.to.orElseThrow(), set, timeline, port));
    }
  }

  private int remove(CopyScripts scripts, List<String> nodes) {
    var result = ExitCode.DONE;
    for (var name : nodes) {
      var code =
          plan
              ? scripts.plan(name, List.of(SCRIPT, "show"))
              : scripts.run(name, List.of(SCRIPT, "remove"));
      result = Math.max(result, code);
    }
    return result;
  }

  private int make(CopyScripts scripts, CopyRequest request) {
    var choice = new CopyNode(scripts.connection().observe());
    var place = node.or(choice::best);
    if (place.isEmpty()) {
      return scripts.refuse(
          "no database node answers",
          "./ninefold status shows the reason, or name one with --node");
    }
    return make(scripts, request, place.get(), choice.leader());
  }

  private int make(
      CopyScripts scripts, CopyRequest request, String place, Optional<String> leader) {
    var future = CopyTimes.refusal(request.to(), root.console().clock().instant());
    if (future.isPresent()) {
      return scripts.refuse(future.get(), "choose a time in the past, or: --to latest");
    }
    var planned = scripts.plan(place, words("plan", request));
    if (planned != ExitCode.DONE || plan) {
      return planned;
    }
    archive(scripts, leader);
    var made = scripts.run(place, words("create", request));
    if (made == ExitCode.DONE) {
      root.console().print(usage(scripts.connection().cluster().databases(), place));
    }
    return made;
  }

  /**
   * Archives what the leader has committed so far, so that the copy can have it. If that fails,
   * earlier points can still be recovered.
   */
  static void archive(CopyScripts scripts, Optional<String> leader) {
    leader.ifPresent(name -> scripts.report("archiving the WAL of " + name));
    if (leader.isEmpty()
        || scripts.run(leader.get(), List.of(SCRIPT, "archive")) != ExitCode.DONE) {
      scripts.report("continuing: the copy can only have what is archived already");
    }
  }

  static List<String> words(String verb, CopyRequest request) {
    var words = new ArrayList<>(List.of(SCRIPT, verb));
    words.addAll(request.options());
    return List.copyOf(words);
  }

  private List<String> usage(List<Database> databases, String place) {
    var logins =
        databases.stream()
            .map(
                database ->
                    "  sudo -u postgres psql -h %s -p %d -U %s -d %s"
                        .formatted(FOLDER, port, database.owner(), database.name()))
            .collect(joining("\n"));
    return List.of(
        "", "on " + place + ":", logins, "remove it: ./ninefold copy --remove --node " + place);
  }
}
