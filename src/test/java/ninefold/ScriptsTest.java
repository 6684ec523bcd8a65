package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs ShellCheck and Python's compiler on the scripts as they are installed on machines. */
class ScriptsTest {
  private static final Pattern SCRIPT =
      Pattern.compile("script (\\S+) <<'ninefold:end'\n(.*?)ninefold:end\n", Pattern.DOTALL);
  private static final Graph GRAPH = Graph.of(Descriptions.stack("containers"));

  /** Takes the place of a machine's root directory. */
  @TempDir private Path machine;

  @Test
  void shellScriptsPassShellCheck() throws IOException {
    var scripts = installed().stream().filter(file -> starts(file, "#!/usr/bin/env bash")).toList();
    assertThat(scripts).hasSizeGreaterThan(15);

    assertClean(scripts);
  }

  @Test
  void installScriptPassesShellCheck() throws IOException {
    installed();
    var rendered = new ArrayList<Path>();
    for (var step : GRAPH.steps()) {
      if (step.thing().equals("scripts")) {
        rendered.add(
            Files.writeString(machine.resolve(step.machine() + ".sh"), step.text("stdin")));
      }
    }
    assertThat(rendered).hasSize(9);

    assertClean(rendered);
  }

  /** With pipefail, a pipe fails occasionally if its reader ends before its writer. */
  @Test
  void noPipeEndsBeforeItsWriter() {
    var early = Pattern.compile("\\|\\s*(grep -\\w*q|head )|\\| *awk .*exit *}'");
    assertThat(GRAPH.steps())
        .filteredOn(step -> step.thing().equals("scripts"))
        .allSatisfy(
            step ->
                assertThat(step.text("stdin").lines())
                    .noneMatch(line -> early.matcher(line).find()));
  }

  @Test
  void pythonScriptsCompile() throws IOException {
    var scripts =
        List.of(
            Path.of("templates/pgbouncer/scripts/pgbouncer-watch.py"),
            Path.of("templates/pgbouncer/scripts/pgbouncer-hand-over.py"));

    for (var script : scripts) {
      var compiled =
          TestProcess.run(
              "python3",
              "-c",
              "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')",
              script.toString());
      assertThat(compiled.status()).as(compiled.output()).isZero();
    }
  }

  private void assertClean(List<Path> scripts) {
    var command =
        new ArrayList<>(List.of("shellcheck", "--external-sources", "--source-path=" + machine));
    scripts.forEach(script -> command.add(script.toString()));

    var checked = TestProcess.run(command, "", Map.of());

    assertThat(checked.status()).as(checked.output()).isZero();
  }

  /** Writes every script to its path on machines, so that sourced files are found. */
  private List<Path> installed() throws IOException {
    var folder = Files.createDirectories(machine.resolve("usr/local/lib/ninefold"));
    var files = new TreeSet<Path>();
    for (var step : GRAPH.steps()) {
      var matcher = SCRIPT.matcher(step.thing().equals("scripts") ? step.text("stdin") : "");
      while (matcher.find()) {
        files.add(Files.writeString(folder.resolve(matcher.group(1)), matcher.group(2)));
      }
    }
    return List.copyOf(files);
  }

  private static boolean starts(Path file, String line) {
    try {
      return Files.readString(file).startsWith(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
