package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the warning about a passphrase in the state's folder. */
final class PassphraseFileTest {
  @TempDir private Path home;
  private Path state;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void createFolders() throws IOException {
    state = Files.createDirectory(home.resolve("ninefold"));
    environment.put("HOME", home.toString());
    environment.put("PULUMI_BACKEND_URL", "file://" + state + "?metadata=skip");
    passphraseAt(state.resolve("passphrase"));
  }

  @Test
  void fileInStateFolder_isReported() {
    assertThat(warning())
        .contains(state.resolve("passphrase").toString(), "mv ", "PULUMI_CONFIG_PASSPHRASE_FILE=");
  }

  @Test
  void symbolicLinkIntoStateFolder_isReported() throws IOException {
    var link = Files.createSymbolicLink(home.resolve("link"), state);
    environment.put("PULUMI_CONFIG_PASSPHRASE_FILE", link.resolve("passphrase").toString());

    assertThat(warning()).isNotEmpty();
  }

  @Test
  void backendOfLastLogin_isUsed() throws IOException {
    environment.remove("PULUMI_BACKEND_URL");
    var pulumi = Files.createDirectory(home.resolve("pulumi"));
    Files.writeString(
        pulumi.resolve("credentials.json"), "{\"current\": \"file://~/ninefold?metadata=skip\"}");
    environment.put("PULUMI_HOME", pulumi.toString());

    assertThat(warning()).isNotEmpty();
  }

  @Test
  void fileOutsideStateFolder_isAccepted() throws IOException {
    var apart = Files.createDirectories(home.resolve(".config/ninefold"));
    passphraseAt(apart.resolve("passphrase"));
    assertThat(warning()).isEmpty();

    environment.put("PULUMI_BACKEND_URL", "file://~");
    assertThat(warning()).as("pulumi login --local keeps the state in .pulumi").isEmpty();

    environment.put("PULUMI_BACKEND_URL", "s3://bucket");
    assertThat(warning()).isEmpty();
  }

  @Test
  void withoutFile_nothingIsReported() {
    environment.remove("PULUMI_CONFIG_PASSPHRASE_FILE");

    assertThat(warning()).isEmpty();
  }

  private void passphraseAt(Path file) throws IOException {
    Files.writeString(file, "of a test");
    environment.put("PULUMI_CONFIG_PASSPHRASE_FILE", file.toString());
  }

  private String warning() {
    return new PassphraseFile(environment).warning().orElse("");
  }
}
