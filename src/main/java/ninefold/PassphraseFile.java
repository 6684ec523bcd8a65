package ninefold;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The file that contains the passphrase of the stack's state, if this workstation has one. */
final class PassphraseFile {
  private static final String FILE = "PULUMI_CONFIG_PASSPHRASE_FILE";
  private static final String SCHEME = "file://";

  private final Map<String, String> environment;

  /**
   * Creates the file's name from an environment.
   *
   * @param environment the environment of Pulumi, which its program inherits
   */
  PassphraseFile(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Returns a warning if the file is in the state's folder. It is not an error, because existing
   * stacks with such a file must remain usable.
   */
  Optional<String> warning() {
    try {
      var file = variable(FILE).map(Path::of).map(PassphraseFile::resolveLinks);
      var folder = backend().flatMap(this::stateFolder).map(PassphraseFile::resolveLinks);
      return file.filter(path -> folder.filter(path::startsWith).isPresent())
          .map(path -> insideStateFolder(path, folder.orElseThrow()));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static String insideStateFolder(Path file, Path folder) {
    return """
        the passphrase of the state, %1$s, is in the state's own folder, %2$s: anyone with a copy of that folder, \
        such as a backup, can read every secret of the stack. Move it, then change it, because copies have it already:
          install -d -m 0700 ~/.config/ninefold && mv %1$s ~/.config/ninefold/
          export %3$s=~/.config/ninefold/%4$s
          docs/operations/administrator-leaves.md#the-passphrase-of-the-state
        """
        .strip()
        .formatted(file, folder, FILE, file.getFileName());
  }

  /** Returns the URL of Pulumi's backend; the environment has precedence over the last login. */
  private Optional<String> backend() {
    return variable("PULUMI_BACKEND_URL").or(this::lastLogin);
  }

  private Optional<String> lastLogin() {
    var home = variable("PULUMI_HOME").map(Path::of).orElse(userHome().resolve(".pulumi"));
    try {
      var credentials = Files.readString(home.resolve("credentials.json"));
      return Optional.of(new ObjectMapper().readTree(credentials).path("current").asText());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the folder of the state if the backend is one. {@code file://~} is the home of a user,
   * of which Pulumi uses the folder {@code .pulumi} only.
   */
  private Optional<Path> stateFolder(String url) {
    if (!url.startsWith(SCHEME)) {
      return Optional.empty();
    }
    var path = url.substring(SCHEME.length()).replaceFirst("\\?.*$", "");
    var folder = Path.of(path.replaceFirst("^~", userHome().toString()));
    return Optional.of(folder.equals(userHome()) ? folder.resolve(".pulumi") : folder);
  }

  private Path userHome() {
    return Path.of(variable("HOME").orElse("/root"));
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** Resolves symbolic links if the path exists. */
  private static Path resolveLinks(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }
}
