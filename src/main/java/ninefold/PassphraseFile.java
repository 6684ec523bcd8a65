package ninefold;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The file with the passphrase of the stack's state, if there is one on this workstation. */
final class PassphraseFile {
  private static final String FILE = "PULUMI_CONFIG_PASSPHRASE_FILE";
  private static final String SCHEME = "file://";

  private final Map<String, String> environment;

  /** Takes the environment of Pulumi, which its program inherits. */
  PassphraseFile(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * What to do where it lies in the state's own folder. Stacks that were made so go on: this is no
   * reason to refuse a change of them.
   */
  Optional<String> warning() {
    try {
      var file = named(FILE).map(Path::of).map(PassphraseFile::real);
      var folder = backend().flatMap(this::stateFolder).map(PassphraseFile::real);
      return file.filter(it -> folder.filter(it::startsWith).isPresent())
          .map(it -> beside(it, folder.orElseThrow()));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static String beside(Path file, Path folder) {
    return """
        the passphrase of the state, %1$s, lies in the state's own folder, %2$s: whoever copies that folder, as a \
        backup does, can read every secret of the stack. Move it, then change it, because copies have it already:
          install -d -m 0700 ~/.config/ninefold && mv %1$s ~/.config/ninefold/
          export %3$s=~/.config/ninefold/%4$s
          docs/operations/administrator-leaves.md#the-passphrase-of-the-state
        """
        .strip()
        .formatted(file, folder, FILE, file.getFileName());
  }

  /** Where Pulumi keeps the state: what the environment says goes before the last login. */
  private Optional<String> backend() {
    return named("PULUMI_BACKEND_URL").or(this::lastLogin);
  }

  private Optional<String> lastLogin() {
    var home = named("PULUMI_HOME").map(Path::of).orElse(userHome().resolve(".pulumi"));
    try {
      var credentials = Files.readString(home.resolve("credentials.json"));
      return Optional.of(new ObjectMapper().readTree(credentials).path("current").asText());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** In a user's home, which is much more than a state, Pulumi uses a folder of its own. */
  private Optional<Path> stateFolder(String url) {
    if (!url.startsWith(SCHEME)) {
      return Optional.empty();
    }
    var path = url.substring(SCHEME.length()).replaceFirst("\\?.*$", "");
    var folder = Path.of(path.replaceFirst("^~", userHome().toString()));
    return Optional.of(folder.equals(userHome()) ? folder.resolve(".pulumi") : folder);
  }

  private Path userHome() {
    return Path.of(named("HOME").orElse("/root"));
  }

  private Optional<String> named(String variable) {
    return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank());
  }

  /** Links followed as far as something is there. */
  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }
}
