package ninefold.command;

/** Starts the operator's command. */
public final class Main {
  private Main() {}

  /** Runs one command; its exit code is the program's. */
  public static void main(String[] arguments) {
    var line =
        RootCommand.commandLine(
            stack -> new SshClusterConnection(Stack.read(PulumiCli.of(stack))),
            Console.ofProcess());
    System.exit(line.execute(arguments));
  }
}
