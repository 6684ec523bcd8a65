package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests how Pulumi starts the program, and which processes see the stack's secrets. */
final class ProgramScriptTest {
  private static final List<String> SECRETS = List.of("PULUMI_CONFIG", "PULUMI_CONFIG_PASSPHRASE");

  @TempDir private Path project;

  @BeforeEach
  void createProject() throws IOException {
    var script = Files.readString(Path.of("toolchain/program"));
    TestProcess.executable(project.resolve("toolchain/program"), script);
    for (var program : List.of("toolchain/sdks", "mvnw", "bin/java")) {
      writeRecorder(program, "");
    }
    writeRecorder(
        "toolchain/jar", "[[ ${1:-} != --current ]] || exec test -e built\ntouch built\n");
  }

  @Test
  void outdatedJar_isBuiltWithoutSecretsAndRunWithThem() throws IOException {
    var ended = run("compile", "exec:java", "-DmainClass=ninefold.App");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(secretsOf("toolchain/sdks")).isEmpty();
    assertThat(secretsOf("toolchain/jar")).isEmpty();
    assertThat(project.resolve("mvnw.env")).doesNotExist();
    assertThat(secretsOf("bin/java")).isEqualTo(SECRETS);
    assertThat(arguments()).contains("-XX:-CreateCoredumpOnCrash", "ninefold.App");
    assertThat(Files.readString(project.resolve("bin/java.limit"))).isEqualTo("0\n");
  }

  @Test
  void currentJar_isRunWithoutBuild() throws IOException {
    Files.createFile(project.resolve("built"));

    assertThat(run("exec:java", "-DmainClass=ninefold.App").status()).isZero();

    assertThat(project.resolve("toolchain/sdks.env")).doesNotExist();
    assertThat(secretsOf("bin/java")).isEqualTo(SECRETS);
  }

  @Test
  void maven_getsNoSecrets() throws IOException {
    assertThat(run("compile").status()).isZero();

    assertThat(secretsOf("mvnw")).isEmpty();
  }

  /** Writes a program that records its environment, arguments and core dump limit. */
  private void writeRecorder(String name, String script) {
    var note =
        """
        #!/usr/bin/env bash
        cd "$(dirname "$0")" || exit
        [[ $PWD == %2$s ]] || cd ..
        %3$senv >"%2$s/%1$s.env"
        printf '%%s\\n' "$@" >"%2$s/%1$s.arguments"
        ulimit -c >"%2$s/%1$s.limit"
        """;
    TestProcess.executable(project.resolve(name), note.formatted(name, project, script));
  }

  private TestProcess.Ended run(String... arguments) {
    var command =
        Stream.concat(
                Stream.of(project.resolve("toolchain/program").toString()),
                Arrays.stream(arguments))
            .toList();
    var path = project.resolve("bin") + ":" + System.getenv("PATH");
    return TestProcess.run(
        command, "", Map.of("PATH", path, SECRETS.get(0), "{}", SECRETS.get(1), "a word"));
  }

  private List<String> secretsOf(String name) throws IOException {
    var environment = Files.readString(project.resolve(name + ".env"));
    return SECRETS.stream()
        .filter(
            secret ->
                environment.contains("\n" + secret + "=") || environment.startsWith(secret + "="))
        .toList();
  }

  private List<String> arguments() throws IOException {
    return Files.readAllLines(project.resolve("bin/java.arguments"));
  }
}
