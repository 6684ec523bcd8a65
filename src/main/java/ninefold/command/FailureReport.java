package ninefold.command;

import java.io.PrintWriter;
import ninefold.error.UserErrorException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said, and which exit code follows, where a command cannot be carried out. */
final class FailureReport {
  private FailureReport() {}

  /** What is wrong with the command line, what may have been meant, and the command's usage. */
  static int usage(ParameterException failure, String[] arguments) {
    var command = failure.getCommandLine();
    var err = command.getErr();
    err.println("ninefold: " + Palette.clean(failure.getMessage()));
    UnmatchedArgumentException.printSuggestions(failure, err);
    err.println();
    command.usage(err, command.getColorScheme());
    err.flush();
    return ExitCode.USAGE;
  }

  /** What a command that failed is said to have failed of. */
  static int execution(Exception failure, CommandLine command, ParseResult parsed) {
    return execution(failure, command.getErr());
  }

  /** Of what a user can put right, only the message is shown. */
  static int execution(Exception failure, PrintWriter err) {
    if (failure instanceof UserErrorException) {
      err.println("ninefold: " + failure.getMessage());
      err.flush();
      return ExitCode.CONFIGURATION;
    }
    err.println("ninefold: a fault of the program; please report it with these lines:");
    failure.printStackTrace(err);
    err.flush();
    return ExitCode.INTERNAL;
  }
}
