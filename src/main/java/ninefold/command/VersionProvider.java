package ninefold.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The program's version, with the commit if git can determine it. */
final class VersionProvider implements IVersionProvider {
  /** Created by picocli. */
  VersionProvider() {}

  @Override
  public String[] getVersion() {
    var number = Optional.ofNullable(VersionProvider.class.getPackage().getImplementationVersion());
    var commit = commit().map(it -> " (" + it + ")").orElse("");
    return new String[] {"ninefold " + number.orElse("unpackaged") + commit};
  }

  private static Optional<String> commit() {
    try {
      var git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--tags")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      var output = new String(git.getInputStream().readAllBytes(), UTF_8).strip();
      return git.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
