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

  /** Runs a command without a terminal. */
  static Run of(ClusterConnection connection, String... arguments) {
    return of(stack -> connection, Optional.empty(), 0, arguments);
  }

  /** Runs a command on a terminal, and types an answer. */
  static Run answered(ClusterConnection connection, String answer, String... arguments) {
    return of(stack -> connection, Optional.of(answer), 0, arguments);
  }

  /** Runs a command that is interrupted after a number of pauses. */
  static Run of(
      Function<Optional<String>, ClusterConnection> connector,
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
            Clock.fixed(FakeObservation.NOW, ZoneOffset.UTC),
            duration -> left.getAndDecrement() > 0);
    var status = RootCommand.commandLine(connector, console).execute(arguments);
    return new Run(status, out.toString(), err.toString());
  }
}
