package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.TestProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parsing of the command line, help, completion and errors. */
class UsageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "\"\"                           | ninefold [-hV]     | Missing command",
        "statsu                         | ninefold [-hV]     | Did you mean: ninefold status",
        "status --jsn                   | ninefold status    | Possible solutions: --json",
        "status a b                     | ninefold status    | Unmatched argument at index 2: 'b'",
        "status x                       | ninefold status    | choose one of: a, b, c, d",
        "status --json a                | ninefold status    | leave out NODE and --drift",
        "status --json --drift          | ninefold status    | leave out NODE and --drift",
        "status --watch --interval 0    | ninefold status    | must be at least 1 s",
        "status --watch --interval soon | ninefold status    | 'soon' is not an int",
        "switchover b                   | ninefold switchover| Unmatched argument at index 1: 'b'",
        "switchover --to                | ninefold switchover| Missing required parameter",
        "reinit                         | ninefold reinit    | Missing required parameter: 'NODE'",
        "restart a b                    | ninefold restart   | Unmatched argument at index 2: 'b'",
        "completion fish                | ninefold completion| expected one of [bash, zsh]",
        "backup half                    | ninefold backup    | expected one of [full, diff, incr]",
        "pause --to a                   | ninefold pause     | Unknown options: '--to'"
      })
  void invalidCommandLine_printsErrorAndUsage(String line, String usage, String message) {
    var connection = new FakeClusterConnection(FakeObservation.healthy());

    var run = Run.of(connection, line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(run.status()).isEqualTo(64);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("ninefold: ").contains(message).contains("\nUsage: " + usage);
    assertThat(connection.operated).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "status",
        "switchover",
        "restart",
        "reload",
        "reinit",
        "pause",
        "resume",
        "restore",
        "copy",
        "history",
        "backup",
        "backups",
        "completion"
      })
  void command_hasHelp(String command) {
    var words = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};

    var run = Run.of(new FakeClusterConnection(FakeObservation.healthy()), words);

    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith(("Usage: ninefold " + command).strip());
    assertThat(run.err()).isEmpty();
  }

  @Test
  void stackOption_isAllowedBeforeAndAfterTheCommand() {
    var stacks = new ArrayList<Optional<String>>();
    for (var line : List.of("--stack prod status", "status --stack prod", "status")) {
      Run.of(
          stack -> {
            stacks.add(stack);
            return new FakeClusterConnection(FakeObservation.healthy());
          },
          Optional.empty(),
          0,
          line.split(" "));
    }

    assertThat(stacks).containsExactly(Optional.of("prod"), Optional.of("prod"), Optional.empty());
  }

  @Test
  void unreadableStack_isAUserError() {
    var run =
        Run.of(
            stack -> {
              throw new UnusableStackException("no stack named 'prod' found");
            },
            Optional.empty(),
            0,
            "status");

    assertThat(run.status()).isEqualTo(78);
    assertThat(run.err()).isEqualTo("ninefold: no stack named 'prod' found\n");
  }

  @Test
  void defectOfTheProgram_hasItsOwnExitCode() {
    var run =
        Run.of(
            stack -> {
              throw new IllegalStateException("broken");
            },
            Optional.empty(),
            0,
            "status");

    assertThat(run.status()).isEqualTo(70);
    assertThat(run.err()).contains("a defect of the program").contains("broken");
  }

  @Test
  void version_isPrinted() {
    var run = Run.of(new FakeClusterConnection(FakeObservation.healthy()), "--version");

    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("ninefold ");
  }

  @Test
  void bash_completesCommandsAndOptions() {
    var script =
        Run.of(new FakeClusterConnection(FakeObservation.healthy()), "completion", "bash").out();

    assertThat(completed(script, "sw")).contains("switchover");
    assertThat(completed(script, "status", "--w")).contains("--watch");
    assertThat(completed(script, "completion", "z")).contains("zsh");
  }

  @Test
  void zsh_loadsBashCompletion() {
    var script =
        Run.of(new FakeClusterConnection(FakeObservation.healthy()), "completion", "zsh").out();

    assertThat(script).startsWith("# Completion for zsh,").contains("bashcompinit");
  }

  /** The completions of the last word in bash. */
  private static List<String> completed(String script, String... words) {
    var line = "ninefold " + String.join(" ", words);
    var ended =
        TestProcess.run(
            List.of(
                "bash",
                "-c",
                "source /dev/stdin; COMP_WORDS=("
                    + line
                    + "); COMP_CWORD="
                    + words.length
                    + "; COMP_LINE='"
                    + line
                    + "'; _complete_ninefold; printf '%s\\n' \"${COMPREPLY[@]}\""),
            script,
            Map.of());
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output().lines().map(String::strip).toList();
  }
}
