package ninefold.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import ninefold.command.Palette.Tone;
import ninefold.command.Refusal.Reason;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.ssh.CommandOutcome;
import ninefold.verdict.BackupFacts;
import ninefold.verdict.ClusterOverview;
import ninefold.verdict.Facts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ninefold backup}. */
@Command(name = "backup", description = "Takes a backup now, and shows its progress.")
final class BackupCommand implements Callable<Integer> {
  private final RootCommand root;

  @Parameters(
      paramLabel = "TYPE",
      arity = "0..1",
      description =
          "full, diff (what changed since the last full backup) or incr (since the last backup);"
              + " by default ${DEFAULT-VALUE}.")
  private Type type = Type.diff;

  @Option(
      names = "--plan",
      description = "Prints what would happen, or why the backup is refused; changes nothing.")
  private boolean plan;

  @Option(names = "--yes", description = "Starts the backup without asking for confirmation.")
  private boolean yes;

  /** The types of backups, as pgBackRest names them. */
  @SuppressWarnings("checkstyle:ConstantName") // picocli shows and reads these names
  enum Type {
    full,
    diff,
    incr
  }

  BackupCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    try (var connection = root.connect()) {
      var observation = connection.observe();
      var refusals = refusals(observation);
      if (!refusals.isEmpty()) {
        return refuse(refusals);
      }
      if (plan || !yes) {
        root.console().print(effects(observation));
      }
      if (plan) {
        return ExitCode.DONE;
      }
      return confirmation().map(this::refuse).orElseGet(() -> take(connection));
    }
  }

  private static List<Refusal> refusals(Observation observation) {
    var repository = repository(observation);
    var refusals = new ArrayList<Refusal>();
    var backups = observation.verdict().overview().backups();
    if (backups.isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NOT_ANSWERING,
              "pgBackRest on " + repository + " does not answer",
              "./ninefold status " + repository + " shows the reason"));
    } else if (backups.get().running()) {
      refusals.add(
          new Refusal(
              Reason.BACKUP_RUNS,
              "a backup is running already",
              "wait until it has finished: ./ninefold status shows whether it is running"));
    }
    if (observation.verdict().overview().leader().isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NO_LEADER,
              "the cluster has no leader, which every backup needs",
              "docs/operations/failover.md, There is no leader"));
    }
    return refusals;
  }

  private List<String> effects(Observation observation) {
    var overview = observation.verdict().overview();
    var effects = new ArrayList<String>();
    var full =
        overview.backups().filter(it -> it.count() > 0).isEmpty() && type != Type.full
            ? " There is no full backup yet, so this becomes one."
            : "";
    effects.add("%s takes a backup of type %s.%s".formatted(repository(observation), type, full));
    effects.add(
        overview.members().stream().anyMatch(it -> it.state().equals("streaming"))
            ? "It reads the data from a replica. The leader starts a checkpoint."
            : "There is no streaming replica, so it reads the data from the leader.");
    newest(overview)
        .ifPresent(
            it ->
                effects.add(
                    "The newest backup is %s, %s ago: %s of data."
                        .formatted(
                            it.label(),
                            DisplayFormat.duration(it.age()),
                            DisplayFormat.bytes(it.size()))));
    effects.add("Afterwards, backups that the description no longer keeps are removed.");
    return effects;
  }

  private static Optional<ClusterOverview.Backup> newest(ClusterOverview overview) {
    return overview.backups().flatMap(ClusterOverview.Backups::newest);
  }

  private static String repository(Observation observation) {
    return observation.cluster().nodes(Role.REPOSITORY).stream()
        .map(Node::name)
        .findFirst()
        .orElseThrow();
  }

  /** Asks whether to continue; a refusal if the answer is no. */
  private Optional<String> confirmation() {
    if (yes) {
      return Optional.empty();
    } else if (!root.console().terminal()) {
      return Optional.of(
          "there is no terminal to ask for confirmation; use --yes to skip the question");
    }
    return root.console().confirm("Continue?")
        ? Optional.empty()
        : Optional.of("you did not confirm; answer y, or use --yes");
  }

  private int refuse(List<Refusal> refusals) {
    var console = root.console();
    console.err().println(console.palette().paint(Tone.BAD, "refused; nothing was changed:"));
    for (var refusal : refusals) {
      console.err().println("  " + Palette.clean(refusal.what()));
      console
          .err()
          .println("    " + console.palette().paint(Tone.FAINT, "next: " + refusal.next()));
    }
    console.err().flush();
    return ExitCode.REFUSED;
  }

  private int refuse(String reason) {
    root.console().err().println("refused; nothing was changed: " + reason);
    root.console().err().flush();
    return ExitCode.REFUSED;
  }

  private int take(ClusterConnection connection) {
    var console = root.console();
    var began = console.clock().instant();
    var outcome =
        connection.backUp(
            type.name(),
            line -> {
              var passed = Duration.between(began, console.clock().instant());
              console.print("%4d s  %s".formatted(passed.toSeconds(), Palette.clean(line)));
            });
    if (outcome instanceof CommandOutcome.Ended ended && ended.status() == 0) {
      confirm(connection.observe());
      return ExitCode.DONE;
    }
    return fail(outcome);
  }

  private void confirm(Observation observation) {
    root.console().print("");
    observation.known(Facts::backups).values().stream()
        .findFirst()
        .ifPresent(it -> root.console().print(newest(it)));
  }

  private static String newest(BackupFacts facts) {
    return facts.backups().known().orElse(List.of()).stream()
        .reduce((earlier, later) -> later.end() >= earlier.end() ? later : earlier)
        .map(
            it ->
                String.format(
                    Locale.ROOT,
                    "%s: %s backup of %s, %s added to the repository%s",
                    it.label(),
                    it.type(),
                    DisplayFormat.bytes(it.size()),
                    DisplayFormat.bytes(it.stored()),
                    it.source()
                        .map(source -> ", read from the " + source.role() + " " + source.node())
                        .orElse("")))
        .orElse("there is no backup");
  }

  private int fail(CommandOutcome outcome) {
    var err = root.console().err();
    var status = ExitCode.FAILED;
    if (outcome instanceof CommandOutcome.Unreached unreached) {
      err.println("failed: " + Palette.clean(unreached.reason()));
      err.println("  " + unreached.next());
      err.println("  the backup may still be running; check with: ./ninefold status");
    } else if (outcome instanceof CommandOutcome.Ended ended) {
      err.println(ended.status() == ExitCode.REFUSED ? "refused:" : "failed:");
      ended.errors().strip().lines().forEach(line -> err.println("  " + Palette.clean(line)));
      status = ended.status() == ExitCode.REFUSED ? ExitCode.REFUSED : ExitCode.FAILED;
    }
    err.flush();
    return status;
  }
}
