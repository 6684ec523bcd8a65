package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Expected texts, in {@code src/test/resources/command}. */
final class Golden {
  private static final Path FOLDER = Path.of("src/test/resources/command");
  private static final String HOW_TO_WRITE =
      "if the change is intended: ./mvnw test -Dtest='ninefold.command.*' -Dscreens=write, then review"
          + " what git diff shows";

  private Golden() {}

  /** Compares a text with the expected one of that name. */
  static void matches(String name, String text) {
    var file = FOLDER.resolve(name);
    try {
      if ("write".equals(System.getProperty("screens"))) {
        Files.createDirectories(FOLDER);
        Files.writeString(file, text);
      }
      var expected = Files.exists(file) ? Files.readString(file) : "(the file does not exist)";
      assertThat(text).as("%s; %s", name, HOW_TO_WRITE).isEqualTo(expected);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
