package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/operations/status.md: the help texts and the JSON keys. */
class StatusPageTest {
  private static final Path PAGE = Path.of("docs/operations/status.md");
  private static final String MARK = "<!-- Made from the commands; StatusPageTest says how. -->\n";
  private static final Pattern KEY = Pattern.compile("\"(\\w+)\" :");
  private static final List<String> COMMANDS =
      List.of(
          "",
          "status",
          "switchover",
          "restart",
          "reload",
          "reinit",
          "pause",
          "resume",
          "history",
          "backup",
          "backups",
          "completion");

  @Test
  void page_containsTheHelp() throws IOException {
    var page = Files.readString(PAGE);
    var end = page.indexOf(MARK) + MARK.length();
    var expected = page.substring(0, end) + help();
    if ("write".equals(System.getProperty("screens"))) {
      Files.writeString(PAGE, expected);
    }

    assertThat(Files.readString(PAGE))
        .as("to write it: ./mvnw test -Dtest=StatusPageTest -Dscreens=write")
        .isEqualTo(expected);
  }

  /** The page documents every key of the JSON. */
  @Test
  void page_describesEveryKey() throws IOException {
    var page = Files.readString(PAGE);
    var keys = new TreeSet<String>();
    for (var name : List.of("healthy.json", "broken.json")) {
      var json = Files.readString(Path.of("src/test/resources/command", name));
      KEY.matcher(json).results().forEach(found -> keys.add(found.group(1)));
    }

    assertThat(keys)
        .hasSizeGreaterThan(50)
        .allSatisfy(key -> assertThat(page).containsAnyOf("`" + key + "`", "`" + key + "[]`"));
  }

  private static String help() {
    var text = new StringBuilder();
    for (var command : COMMANDS) {
      var words = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};
      text.append("\n```\n")
          .append(Run.of(new FakeClusterConnection(FakeObservation.healthy()), words).out());
      text.append("```\n");
    }
    return text.toString();
  }
}
