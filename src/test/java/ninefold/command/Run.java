package ninefold.command;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A command that ran.
 *
 * @param status its exit code
 * @param out what it wrote to its standard output
 * @param err what it wrote to its standard error
 */
record Run(int status, String out, String err) {

  /** Runs a command on those machines, not on a terminal. */
  static Run of(ClusterConnection site, String... arguments) {
    return of(stack -> site, Optional.empty(), 0, arguments);
  }

  /** Runs one on a terminal on which somebody types that answer. */
  static Run answered(ClusterConnection site, String answer, String... arguments) {
    return of(stack -> site, Optional.of(answer), 0, arguments);
  }

  /** Runs one that is interrupted after so many pauses. */
  static Run of(
      Function<Optional<String>, ClusterConnection> sites,
      Optional<String> answer,
      int pauses,
      String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var left = new AtomicInteger(pauses);
    var console =
        new Console(
            new PrintWriter(out),
            new PrintWriter(err),
            new Palette(false),
            answer.isPresent(),
            () -> answer,
            Clock.fixed(Seen.NOW, ZoneOffset.UTC),
            duration -> left.getAndDecrement() > 0);
    var status = RootCommand.commandLine(sites, console).execute(arguments);
    return new Run(status, out.toString(), err.toString());
  }
}
