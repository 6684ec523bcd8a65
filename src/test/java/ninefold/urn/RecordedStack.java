package ninefold.urn;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The recorded configuration and state of the containers' stack after the {@code up} that built its
 * cluster. Its keys and passwords are used for nothing else. {@link StackRecorder} creates it.
 */
final class RecordedStack {
  static final String NAME = "containers";

  /** It protects nothing but this recording. */
  static final String PASSPHRASE = "throwaway";

  private static final Path FOLDER = Path.of("src/test/resources/state");
  private static final Path CONFIGURATION = FOLDER.resolve("Pulumi." + NAME + ".yaml");
  private static final Path STATE = FOLDER.resolve(NAME + ".json.zst");

  private RecordedStack() {}

  /** Returns the recorded stack. */
  static TemporaryStack restored() throws IOException {
    var stack = new TemporaryStack(NAME, PASSPHRASE);
    Files.copy(CONFIGURATION, stack.configuration());
    Files.copy(STATE, stack.state());
    return stack;
  }

  /** Replaces the recording with the present stack. */
  static void keep(TemporaryStack stack) throws IOException {
    Files.createDirectories(FOLDER);
    Files.copy(stack.configuration(), CONFIGURATION, REPLACE_EXISTING);
    Files.copy(stack.state(), STATE, REPLACE_EXISTING);
  }
}
