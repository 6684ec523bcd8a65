package ninefold.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import ninefold.command.Palette.Tone;
import ninefold.ssh.CommandOutcome;

/**
 * Runs an operation: observes the cluster, refuses or asks for confirmation, acts, and observes the
 * result.
 *
 * @param connection the connection to the machines
 * @param console where to print and to ask
 * @param planOnly whether to stop after the plan ({@code --plan})
 * @param agreed whether to skip the question ({@code --yes})
 */
record OperationRunner(
    ClusterConnection connection, Console console, boolean planOnly, boolean agreed) {

  /** Runs the operation and returns the command's exit code. */
  int run(Operation operation) {
    var observation = connection.observe();
    var refusals = OperationRefusals.of(operation, observation);
    if (!refusals.isEmpty()) {
      return refuse(refusals);
    }
    var plan = OperationPlan.of(operation, observation);
    if (planOnly || !agreed) {
      console.print(plan.effects());
    }
    if (planOnly) {
      return ExitCode.DONE;
    }
    if (!agreed && !console.terminal()) {
      return refuse(
          "there is no terminal to ask for confirmation", "use --yes to skip the question");
    }
    if (!agreed && !console.confirm("Continue?")) {
      return refuse("you did not confirm", "answer y, or use --yes");
    }
    return act(plan) ? confirm() : ExitCode.FAILED;
  }

  private int refuse(List<Refusal> refusals) {
    var lines = new ArrayList<String>();
    lines.add(console.palette().paint(Tone.BAD, "refused; nothing was changed:"));
    for (var refusal : refusals) {
      lines.add("  " + Palette.clean(refusal.what()));
      lines.add("    " + console.palette().paint(Tone.FAINT, "next: " + refusal.next()));
    }
    lines.forEach(console.err()::println);
    console.err().flush();
    return ExitCode.REFUSED;
  }

  private int refuse(String what, String next) {
    console.err().println("refused; nothing was changed: " + what + "; " + next);
    console.err().flush();
    return ExitCode.REFUSED;
  }

  private boolean act(OperationPlan plan) {
    var began = console.clock().instant();
    for (var action : plan.actions()) {
      var outcome =
          connection.operate(
              action.node(),
              action.arguments(),
              line -> {
                var passed = Duration.between(began, console.clock().instant());
                console.print("%4d s  %s".formatted(passed.toSeconds(), Palette.clean(line)));
              });
      if (!succeeded(outcome, action.node())) {
        return false;
      }
    }
    return true;
  }

  private boolean succeeded(CommandOutcome outcome, String node) {
    if (outcome instanceof CommandOutcome.Ended ended && ended.status() == 0) {
      return true;
    }
    var err = console.err();
    if (outcome instanceof CommandOutcome.Unreached unreached) {
      err.println("failed: " + Palette.clean(unreached.reason()));
      err.println("  " + unreached.next());
      err.println("  " + node + " may still carry out the change; check with: ./ninefold status");
    } else if (outcome instanceof CommandOutcome.Ended ended) {
      err.println("failed on " + node + ":");
      ended.errors().strip().lines().forEach(line -> err.println("  " + Palette.clean(line)));
    }
    err.flush();
    return false;
  }

  /** Prints the new state of the members. */
  private int confirm() {
    var observation = connection.observe();
    var verdict = observation.verdict();
    console.print("");
    console.print(MembersTable.of(verdict.overview()).lines(console.palette()));
    console.print("");
    console.print(
        console
            .palette()
            .paint(
                StatusScreen.tone(verdict.state()),
                observation.cluster().name() + ": " + verdict.line()));
    return ExitCode.DONE;
  }
}
