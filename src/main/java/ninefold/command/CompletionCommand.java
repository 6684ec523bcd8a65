package ninefold.command;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ninefold completion}. */
@Command(
    name = "completion",
    description = {
      "Prints what lets a shell complete commands and options.",
      "In ~/.bashrc: source <(PROJECT/ninefold completion bash)"
    })
final class CompletionCommand implements Callable<Integer> {
  private final RootCommand root;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "One of: ${COMPLETION-CANDIDATES}.")
  private Shell shell = Shell.bash;

  /** The shells; the words are typed. */
  enum Shell {
    bash,
    zsh
  }

  CompletionCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    // The script is one for both: in zsh it turns on what understands bash's.
    var script = AutoComplete.bash("ninefold", spec.root().commandLine());
    root.console().say("# For %s; `ninefold completion %s` made it.".formatted(shell, shell));
    root.console().say(script);
    return ExitCode.DONE;
  }
}
