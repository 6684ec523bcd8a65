package ninefold.urn;

import static java.util.Comparator.reverseOrder;
import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes.Name;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import ninefold.Descriptions;
import ninefold.TestProcess;

/**
 * A stack of this project under Pulumi's engine. One folder contains all its files: the project's
 * file, the description, the configuration, the state, and Pulumi's home. Its program consists of
 * this process's classes, so it is always current.
 */
final class TemporaryStack implements AutoCloseable {
  private static final Path TOOLCHAIN = Path.of(".build/toolchain").toAbsolutePath();
  private static final Path PULUMI = TOOLCHAIN.resolve("bin/pulumi");

  private final Path folder = Files.createTempDirectory("stack");
  private final String name;
  private final String passphrase;

  /**
   * Creates a stack without configuration and state.
   *
   * @param name the name of one of the project's stacks
   * @param passphrase the passphrase of its secrets
   */
  TemporaryStack(String name, String passphrase) throws IOException {
    this.name = name;
    this.passphrase = passphrase;
    var description = Descriptions.stack(name);
    Files.createDirectories(folder.resolve(description).getParent());
    Files.copy(description, folder.resolve(description));
    Files.createDirectories(state().getParent());
    writeHome();
    writeProject();
    writeProgram();
  }

  /** Returns the stack's folder. */
  Path folder() {
    return folder;
  }

  /** Returns the path of the configuration. */
  Path configuration() {
    return folder.resolve("Pulumi." + name + ".yaml");
  }

  /** Returns the path of the compressed state. */
  Path state() {
    return folder.resolve("state/.pulumi/stacks/ninefold").resolve(name + ".json.zst");
  }

  /** Runs Pulumi on the stack and returns its standard output. */
  String pulumi(String... arguments) throws IOException {
    if (!Files.exists(PULUMI)) {
      throw new AssertionError("there is no " + PULUMI + " yet: run make setup");
    }
    var answer = folder.resolve("answer");
    var run = ". toolchain/env && PULUMI_HOME=$HOME_OF_STACK exec pulumi \"$@\" >\"$0\"";
    var command = new ArrayList<>(List.of("bash", "-c", run, answer.toString()));
    command.addAll(List.of("--cwd", folder.toString(), "--non-interactive"));
    command.addAll(Arrays.asList(arguments));
    var ended = TestProcess.run(command, "", environment());
    var answered = Files.readString(answer);
    if (ended.status() != 0) {
      throw new AssertionError(
          "pulumi %s failed, see below; if tools are missing, run: make setup\n%s%s"
              .formatted(arguments[0], ended.output(), answered));
    }
    return answered;
  }

  /** Replaces the stack's state with one in the format of {@code pulumi stack export}. */
  void replaceState(String state) throws IOException {
    var file = Files.writeString(folder.resolve("state.json"), state);
    pulumi("stack", "import", "--file", file.toString());
  }

  @Override
  public void close() throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Map<String, String> environment() {
    var environment = new HashMap<String, String>();
    environment.put("HOME_OF_STACK", home().toString());
    environment.put("PULUMI_BACKEND_URL", "file://" + folder.resolve("state") + "?metadata=skip");
    environment.put("PULUMI_DIY_BACKEND_ZSTD", "true");
    environment.put("PULUMI_CONFIG_PASSPHRASE", passphrase);
    environment.put("PULUMI_STACK", name);
    // Providers leave their sockets there when Pulumi stops them.
    environment.put("TMPDIR", folder.toString());
    return environment;
  }

  private Path home() {
    return folder.resolve("home");
  }

  /** Uses the toolchain's plugins, and keeps logs and history in the stack's folder. */
  private void writeHome() throws IOException {
    Files.createDirectory(home());
    for (var plugins : List.of("plugins", "dynamic_tf_plugins")) {
      Files.createSymbolicLink(home().resolve(plugins), TOOLCHAIN.resolve("home").resolve(plugins));
    }
  }

  private void writeProject() throws IOException {
    var project = Files.readString(Path.of("Pulumi.yaml"));
    var here = project.replace("use-executor: ./toolchain/program", "binary: program.jar");
    if (here.equals(project)) {
      throw new AssertionError("Pulumi.yaml does not run ./toolchain/program any more");
    }
    Files.writeString(folder.resolve("Pulumi.yaml"), here);
  }

  /** Writes a jar that consists of a manifest with the class path. */
  private void writeProgram() throws IOException {
    var manifest = new Manifest();
    var attributes = manifest.getMainAttributes();
    attributes.put(Name.MANIFEST_VERSION, "1.0");
    attributes.put(Name.MAIN_CLASS, "ninefold.App");
    attributes.put(
        Name.CLASS_PATH,
        Arrays.stream(classPath().split(File.pathSeparator))
            .map(entry -> Path.of(entry).toUri().toString())
            .collect(joining(" ")));
    try (var jar = Files.newOutputStream(folder.resolve("program.jar"))) {
      new JarOutputStream(jar, manifest).close();
    }
  }

  /** Surefire runs tests with such a jar, and passes the class path in a property. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
