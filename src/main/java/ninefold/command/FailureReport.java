package ninefold.command;

import java.io.PrintWriter;
import ninefold.error.UserErrorException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Prints why a command could not run, and chooses the exit code. */
final class FailureReport {
  private FailureReport() {}

  /** Prints the error in the command line, similar commands or options, and the usage. */
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

  /** Handles an exception of a command; picocli's form of the method below. */
  static int execution(Exception failure, CommandLine command, ParseResult parsed) {
    return execution(failure, command.getErr());
  }

  /** Prints only the message if the user can fix the cause, otherwise the stack trace too. */
  static int execution(Exception failure, PrintWriter err) {
    if (failure instanceof UserErrorException) {
      err.println("ninefold: " + failure.getMessage());
      err.flush();
      return ExitCode.CONFIGURATION;
    }
    err.println(
        "ninefold: this is a defect of the program; please report it with the following lines:");
    failure.printStackTrace(err);
    err.flush();
    return ExitCode.INTERNAL;
  }
}
