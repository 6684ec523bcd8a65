package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Texts that were reviewed, in {@code src/test/resources/command}. */
final class Golden {
  private static final Path REVIEWED = Path.of("src/test/resources/command");
  private static final String HOW_TO_WRITE =
      "if the change is meant: ./mvnw test -Dtest='ninefold.command.*' -Dscreens=write, then review"
          + " what git diff shows";

  private Golden() {}

  /** Compares a text with the reviewed one of that name. */
  static void matches(String name, String text) {
    var file = REVIEWED.resolve(name);
    try {
      if ("write".equals(System.getProperty("screens"))) {
        Files.createDirectories(REVIEWED);
        Files.writeString(file, text);
      }
      var reviewed = Files.exists(file) ? Files.readString(file) : "(nothing was reviewed)";
      assertThat(text).as("%s; %s", name, HOW_TO_WRITE).isEqualTo(reviewed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
