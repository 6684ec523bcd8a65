package ninefold.command;

/** Starts the operator's command. */
public final class Main {
  private Main() {}

  /** Runs one command; its exit code is the program's. */
  public static void main(String[] arguments) {
    var line =
        Root.commandLine(stack -> new SshSite(Stack.read(Pulumi.of(stack))), Console.ofProcess());
    System.exit(line.execute(arguments));
  }
}
