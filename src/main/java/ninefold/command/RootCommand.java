package ninefold.command;

import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code ninefold}, the parent of all commands. */
@Command(
    name = "ninefold",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = VersionProvider.class,
    description = {
      "Shows and operates the PostgreSQL cluster of a Pulumi stack.",
      "",
      "Run it from any folder as PROJECT/ninefold. The environment variable NINEFOLD_PULUMI names a"
          + " command to run instead of pulumi."
    },
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:status: healthy. An operation: done, or only planned.",
      "1:status: degraded. An operation: the cluster did not confirm it.",
      "2:status: clients cannot write.",
      "3:status: the state is unknown.",
      "4:An operation: refused; nothing was changed.",
      "64:The command line is invalid.",
      "70:A defect of the program.",
      "78:The stack or its description cannot be read."
    })
final class RootCommand implements Runnable {
  private final Function<Optional<String>, ClusterConnection> connector;
  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--stack",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "The stack; by default the one that Pulumi has selected.")
  private Optional<String> stack = Optional.empty();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Shows this help.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Shows the version.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean version;

  RootCommand(Function<Optional<String>, ClusterConnection> connector, Console console) {
    this.connector = connector;
    this.console = console;
  }

  /** Connects to the machines of the stack that {@code --stack} names. */
  ClusterConnection connect() {
    return connector.apply(stack);
  }

  Console console() {
    return console;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** The parser of the command line, with all commands. */
  static CommandLine commandLine(
      Function<Optional<String>, ClusterConnection> connector, Console console) {
    var root = new RootCommand(connector, console);
    var line =
        new CommandLine(root)
            .addSubcommand(new StatusCommand(root))
            .addSubcommand(new OperationCommand.Switchover(root))
            .addSubcommand(new OperationCommand.Restart(root))
            .addSubcommand(new OperationCommand.Reload(root))
            .addSubcommand(new OperationCommand.Reinit(root))
            .addSubcommand(new OperationCommand.Pause(root))
            .addSubcommand(new OperationCommand.Resume(root))
            .addSubcommand(new RestoreCommand(root))
            .addSubcommand(new HistoryCommand(root))
            .addSubcommand(new CompletionCommand(root))
            .addSubcommand(new VerifyCommand(System.in, SshClusterConnection::new, console));
    return line.setOut(console.out())
        .setErr(console.err())
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                console.palette().enabled() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(FailureReport::usage)
        .setExecutionExceptionHandler(FailureReport::execution);
  }
}
