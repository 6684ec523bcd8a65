package ninefold;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A copy of the project's Maven build without sources. */
public final class MavenBuild {
  private static final Path CONFIGURATION = Path.of(".mvn");
  private static final String LIST = "checksums/checksums.sha256";
  private static final String JAR = "/freemarker-";

  private final Path project;

  private MavenBuild(Path project) {
    this.project = project;
  }

  /** Copies the files of the build into an empty folder. */
  public static MavenBuild in(Path project) throws IOException {
    try (var files = Files.walk(CONFIGURATION)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var copy = project.resolve(file);
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    Files.copy(Path.of("pom.xml"), project.resolve("pom.xml"));
    TestProcess.executable(project.resolve("mvnw"), Files.readString(Path.of("mvnw")));
    return new MavenBuild(project);
  }

  /**
   * Changes the line of one library in the list of trusted checksums.
   *
   * @param change returns the new line; an empty one is left out
   */
  public void list(UnaryOperator<String> change) throws IOException {
    var list = project.resolve(CONFIGURATION).resolve(LIST);
    var lines = Files.readAllLines(list);
    if (lines.stream().noneMatch(MavenBuild::isLibrary)) {
      throw new AssertionError(list + " lists no " + JAR + "…jar");
    }
    Files.write(
        list,
        lines.stream()
            .map(line -> isLibrary(line) ? change.apply(line) : line)
            .filter(line -> !line.isEmpty())
            .toList());
  }

  private static boolean isLibrary(String line) {
    return line.contains(JAR) && line.endsWith(".jar");
  }

  /** Runs Maven up to the resolution of libraries. */
  public TestProcess.Ended run() {
    var command = new ArrayList<>(List.of(project.resolve("mvnw").toString(), "-o", "-q"));
    Optional.ofNullable(System.getProperty("localRepository"))
        .ifPresent(repository -> command.add("-Dmaven.repo.local=" + repository));
    command.addAll(List.of("-f", project.resolve("pom.xml").toString(), "process-resources"));
    return TestProcess.run(command, "", Map.of());
  }
}
