package ninefold.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.MavenBuild;
import ninefold.TestProcess;

/** Attempts on the workstation, and by the suppliers of programs that run there. */
final class WorkstationAttempts {
  private static final Path PULUMI_HOME = Path.of(".build/toolchain/home");
  private static final List<String> PLUGINS = List.of("plugins", "dynamic_tf_plugins");
  private static final Path LAB_FOLDER = Path.of(".build/labs/containers");
  private static final String CANARY = "canary-of-the-workstation";

  /** The depth to which the lab's folder is searched; below it are only the machines' own files. */
  private static final int DEPTH = 2;

  private static final long LARGEST = 32L << 20;

  private WorkstationAttempts() {}

  static Stream<Attempt> all() {
    return Stream.of(
        new Attempt(
            Foothold.WORKSTATION,
            "read secrets that runs of Pulumi leave behind: logs, state, keys, passphrases",
            "the toolchain keeps no logs; file modes; encryption of the state",
            cluster -> findReadableSecrets()),
        Attempt.untried(
            Foothold.WORKSTATION,
            "read the stack's configuration in the environment of Maven and its plugins",
            "the lab builds the program before it runs Pulumi; `ProgramScriptTest` does"),
        Attempt.untried(
            Foothold.WORKSTATION,
            "read a machine's disk on its hypervisor",
            "the lab has no hypervisor; `make test-vms` checks the modes"),
        Attempt.untried(
            Foothold.STATE_WRITER,
            "add a step to the state whose `delete` runs as root at the next `up`",
            "nothing stops it"),
        new Attempt(
            Foothold.SUPPLIER,
            "give Maven a different library, or one that is not listed",
            "SHA-256 of each file in `.mvn/checksums`",
            cluster -> replaceLibraries()),
        new Attempt(
            Foothold.SUPPLIER,
            "give the toolchain a different release with a matching checksum, or different source code of a plugin",
            "digests in `toolchain/tools.py`; what has none is built from source",
            cluster -> replaceTools()),
        Attempt.untried(
            Foothold.SUPPLIER,
            "publish a different release of a tool that a user accepts with `--trust-published`",
            "nothing stops it"));
  }

  /**
   * Considers only the modes of the files themselves, as if an attacker could enter every folder.
   */
  private static void findReadableSecrets() throws IOException {
    assertThat(PULUMI_HOME.resolve("logs")).as("logs of Pulumi").isRegularFile();
    var secrets = SecretSearch.ofStack(Map.of(CANARY, "canary"));
    var planted = LAB_FOLDER.resolve("canary.txt");
    Files.writeString(planted, CANARY);
    Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rw-r--r--"));
    try {
      var candidates = Stream.concat(files(PULUMI_HOME, 4), files(LAB_FOLDER, DEPTH)).toList();
      assertThat(candidates)
          .filteredOn(file -> exposesSecret(file, secrets))
          .containsExactly(planted);
    } finally {
      Files.delete(planted);
    }
  }

  private static Stream<Path> files(Path folder, int depth) throws IOException {
    try (var files = Files.find(folder, depth, (file, is) -> is.isRegularFile())) {
      return files
          .filter(
              file ->
                  PLUGINS.stream()
                      .noneMatch(plugin -> file.startsWith(PULUMI_HOME.resolve(plugin))))
          .toList()
          .stream();
    }
  }

  private static boolean exposesSecret(Path file, SecretSearch secrets) {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)
          && Files.size(file) < LARGEST
          && !secrets.in(Files.readString(file, ISO_8859_1)).isEmpty();
    } catch (IOException e) {
      // The file was deleted meanwhile.
      return false;
    }
  }

  private static void replaceLibraries() throws IOException {
    var folder = Files.createTempDirectory(Path.of("target"), "attempt").toAbsolutePath();
    var build = MavenBuild.in(folder);
    var allowed = build.run();
    assertThat(allowed.status()).as(allowed.output()).isZero();
    build.list(line -> "0".repeat(64) + line.substring(64));
    assertThat(build.run().output()).contains("trusted checksum mismatch");
    build.list(line -> "");
    assertThat(build.run().output()).contains("Missing from summaryFile");
  }

  /** Each of these tests also makes a request that is allowed. */
  private static void replaceTools() {
    var ended = TestProcess.run("toolchain/test-toolchain");
    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output()).containsPattern("Ran \\d+ tests").contains("OK");
  }
}
