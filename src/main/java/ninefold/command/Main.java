package ninefold.command;

/** The entry point of {@code ./ninefold}. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its exit code. */
  public static void main(String[] arguments) {
    var line =
        RootCommand.commandLine(
            stack -> new SshClusterConnection(Stack.read(PulumiCli.of(stack))),
            Console.ofProcess());
    System.exit(line.execute(arguments));
  }
}
