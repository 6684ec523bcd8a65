package ninefold.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import ninefold.Descriptions;
import ninefold.TestProcess;
import ninefold.description.reader.DescriptionReader;
import ninefold.verdict.Check;
import ninefold.verdict.ClusterState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ./ninefold verify} with and without a program that answers it. The launcher and {@code
 * toolchain/ask-program} are real; a script replaces Java and prints that it was started.
 */
@Timeout(60)
class VerdictSocketTest {
  private static final String KEY = "-----BEGIN A PRIVATE KEY-----";

  /** The exit code of the script that replaces Java, and which repeats its standard input. */
  private static final int JAVA = 7;

  /** 23 bytes; 28 with its header, and 33 with the end. */
  private static final String ANSWERED = "answered by the program";

  @TempDir private Path project;

  @BeforeEach
  void projectFolder() throws IOException {
    copyTo(project);
  }

  @Test
  void runningProgram_answers() throws Exception {
    VerdictSocket.open(
        folder(), input(), stack -> new FakeClusterConnection(FakeObservation.healthy()));

    var run = verify(input());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("verdict: ").endsWith("\n").doesNotContain("java");
    assertThat(run.err()).isEmpty();
    assertThat(verify(input())).as("asked again").isEqualTo(run);
  }

  @Test
  void failure_comesWithItsStatus_andBothOutputs() throws Exception {
    var wrong =
        FakeObservation.healthy()
            .finding(
                ClusterState.DEGRADED, Check.SETTING_DIFFERS, Optional.of("b"), "Größe.", "what")
            .finding(
                ClusterState.DEGRADED, Check.PAUSED, Optional.empty(), "It is paused.", "resume")
            .paused();
    VerdictSocket.open(
        folder(), input(), stack -> new FakeClusterConnection(wrong).withoutWaiting());

    var run = verify(input());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEqualTo("warning: It is paused. Next: resume\n");
    assertThat(run.err())
        .startsWith("all steps succeeded, but the cluster is not healthy")
        .contains("\n  b: Größe. Next: what\n", "./ninefold status");
  }

  @Test
  void invalidInput_isReportedAsByTheCommand() throws Exception {
    VerdictSocket.open(
        folder(), "{}", stack -> new FakeClusterConnection(FakeObservation.healthy()));

    var run = verify("{}");

    assertThat(run.status()).isEqualTo(78);
    assertThat(run.err()).startsWith("ninefold: ").contains("has no key description");
  }

  @Test
  void withoutAProgram_javaIsStarted() throws Exception {
    assertThat(verify(input() + "\n\n")).isEqualTo(byJava(input() + "\n\n"));
  }

  /** Its answer would be for a different cluster. */
  @Test
  void programOfADifferentStack_isNotAsked() throws Exception {
    VerdictSocket.open(
        folder(), input(), stack -> new FakeClusterConnection(FakeObservation.healthy()));

    assertThat(verify("another")).isEqualTo(byJava("another"));
  }

  @Test
  void socketOfAKilledProgram_startsJava_andIsReplaced() throws Exception {
    listen().close();
    assertThat(socket()).exists();

    assertThat(verify(input())).isEqualTo(byJava(input()));

    VerdictSocket.open(
        folder(), input(), stack -> new FakeClusterConnection(FakeObservation.healthy()));
    assertThat(verify(input()).out()).startsWith("verdict: ");
  }

  /** Incomplete output is discarded, because Java prints all of it again. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 5, 20, 28, 30})
  void incompleteAnswer_startsJava(int after) throws Exception {
    try (var server = listen()) {
      var process = start(input());
      try (var asked = server.accept()) {
        asked.write(ByteBuffer.wrap(answer(), 0, after));
      }
      assertThat(ended(process)).isEqualTo(byJava(input()));
    }
  }

  @Test
  void completeAnswer_isEnough() throws Exception {
    try (var server = listen()) {
      var process = start(input());
      try (var asked = server.accept()) {
        asked.write(ByteBuffer.wrap(answer()));
        assertThat(ended(process)).isEqualTo(new Run(5, ANSWERED, ""));
      }
    }
  }

  /** A signal, as when Pulumi is interrupted, does not start Java. */
  @Test
  void signal_endsTheCommand() throws Exception {
    try (var server = listen()) {
      var process = start(input());
      try (var asked = server.accept()) {
        assertThat(asked.isOpen()).isTrue();
        process.toHandle().destroy();
        assertThat(ended(process)).isEqualTo(new Run(128 + 15, "", ""));
      }
    }
  }

  /** The path is longer than that of a socket may be. The program leaves no files. */
  @Test
  void pathOfTheProject_mayBeLong() throws Exception {
    var deep = project.resolve("d".repeat(100)).resolve("e".repeat(100));
    copyTo(deep);
    var program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                VerdictProgram.class.getName(),
                input())
            .directory(deep.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(program.inputReader(UTF_8).readLine()).isEqualTo("ready");

      assertThat(ended(start(deep, input())).out()).startsWith("verdict: ");

      program.outputWriter(UTF_8).close();
      assertThat(program.waitFor()).isZero();
      assertThat(deep.resolve("target")).isEmptyDirectory();
    } finally {
      program.destroyForcibly();
    }
  }

  @Test
  void folder_isPrivate() throws Exception {
    VerdictSocket.open(
        folder(), input(), stack -> new FakeClusterConnection(FakeObservation.healthy()));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
        .isEqualTo("rwx------");
  }

  @Test
  void folderWithAccessForOthers_isNotUsed() throws Exception {
    Files.createDirectories(folder());
    Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThatThrownBy(
            () ->
                VerdictSocket.open(
                    folder(),
                    input(),
                    stack -> new FakeClusterConnection(FakeObservation.healthy())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("other users may enter");
    assertThat(folder()).isEmptyDirectory();
  }

  private Path folder() {
    return project.resolve("target").resolve("verdict");
  }

  private Path socket() {
    return folder().resolve(VerdictSocket.name(input().getBytes(UTF_8)));
  }

  /** Opens a socket that the test serves. */
  private ServerSocketChannel listen() throws IOException {
    Files.createDirectories(folder());
    Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwx------"));
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket()));
  }

  private static byte[] answer() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var answer = new DataOutputStream(bytes)) {
      answer.writeByte(1);
      answer.writeInt(ANSWERED.length());
      answer.writeBytes(ANSWERED);
      answer.writeByte(0);
      answer.writeInt(5);
    }
    return bytes.toByteArray();
  }

  /** Copies the launcher and its files, with a script instead of Java. */
  private static void copyTo(Path folder) throws IOException {
    TestProcess.executable(folder.resolve("ninefold"), Files.readString(Path.of("ninefold")));
    var toolchain = folder.resolve("toolchain");
    TestProcess.executable(
        toolchain.resolve("ask-program"), Files.readString(Path.of("toolchain/ask-program")));
    TestProcess.executable(toolchain.resolve("jar"), "#!/bin/sh\n");
    TestProcess.executable(toolchain.resolve("env"), "PATH=$PWD/bin:$PATH\n");
    TestProcess.executable(
        folder.resolve("bin/java"),
        """
        #!/bin/sh
        for last; do :; done
        echo "java: $last"
        cat
        exit %d
        """
            .formatted(JAVA));
  }

  private static Run byJava(String input) {
    return new Run(JAVA, "java: verify\n" + input, "");
  }

  private static String input() {
    var description = Descriptions.stack("containers").toAbsolutePath();
    var keys =
        DescriptionReader.read(description).nodes().stream()
            .map(node -> "\"%s\": \"k\"".formatted(node.name()))
            .collect(joining(", "));
    return "{\"description\": \"%s\", \"privateKey\": \"%s\", \"hostKeys\": {%s}}"
        .formatted(description, KEY, keys);
  }

  private Run verify(String input) throws Exception {
    return ended(start(input));
  }

  private Process start(String input) throws IOException {
    return start(project, input);
  }

  private static Process start(Path folder, String input) throws IOException {
    var process = new ProcessBuilder(folder.resolve("ninefold").toString(), "verify").start();
    try (var question = process.outputWriter(UTF_8)) {
      question.write(input);
    }
    return process;
  }

  private static Run ended(Process process) throws Exception {
    var out = new String(process.getInputStream().readAllBytes(), UTF_8);
    var err = new String(process.getErrorStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), out, err);
  }
}
