package ninefold.command;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import ninefold.command.Palette.Tone;
import ninefold.ssh.CommandOutcome;

/**
 * Runs the scripts of {@code templates/copy} and prints what they report.
 *
 * @param connection the connection to the machines
 * @param console where to print
 * @param began when the command began
 */
record CopyScripts(ClusterConnection connection, Console console, Instant began) {

  CopyScripts(ClusterConnection connection, Console console) {
    this(connection, console, console.clock().instant());
  }

  /** Prints the effects of a change, or why it is refused. Returns the command's exit code. */
  int plan(String node, List<String> words) {
    return ended(node, connection.copy(node, words, line -> console.print(Palette.clean(line))));
  }

  /** Runs a script, and prints its progress with the seconds since the beginning. */
  int run(String node, List<String> words) {
    return ended(node, connection.copy(node, words, this::report));
  }

  /** Prints a line of progress. */
  void report(String line) {
    var passed = Duration.between(began, console.clock().instant());
    console.print("%4d s  %s".formatted(passed.toSeconds(), Palette.clean(line)));
  }

  /** Prints that the command is refused. */
  int refuse(String what, String next) {
    var err = console.err();
    err.println(console.palette().paint(Tone.BAD, "refused; nothing was changed:"));
    err.println("  " + Palette.clean(what));
    err.println("    " + console.palette().paint(Tone.FAINT, "next: " + Palette.clean(next)));
    err.flush();
    return ExitCode.REFUSED;
  }

  private int ended(String node, CommandOutcome outcome) {
    if (outcome instanceof CommandOutcome.Unreached unreached) {
      console.err().println("failed: " + Palette.clean(unreached.reason()));
      console.err().println("  " + unreached.next());
      console
          .err()
          .println(
              "  a copy that was begun is removed by: ./ninefold copy --remove --node " + node);
      console.err().flush();
      return ExitCode.FAILED;
    }
    var ended = (CommandOutcome.Ended) outcome;
    var lines = ended.errors().strip().lines().toList();
    if (ended.status() == ExitCode.DONE) {
      return ExitCode.DONE;
    }
    if (ended.status() == ExitCode.REFUSED && lines.size() > 1) {
      return refuse(lines.get(0), lines.get(1));
    }
    console.err().println("failed on " + node + ":");
    lines.forEach(line -> console.err().println("  " + Palette.clean(line)));
    console.err().flush();
    return ExitCode.FAILED;
  }
}
