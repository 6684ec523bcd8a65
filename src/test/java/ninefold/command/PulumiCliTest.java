package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import ninefold.TestProcess;
import ninefold.description.reader.InvalidDescriptionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls of Pulumi and their results; a script replaces Pulumi. */
class PulumiCliTest {
  /** Reads its answers from files, and prints Pulumi's messages. */
  private static final String SCRIPT =
      """
      #!/bin/bash
      cd "$(dirname "$0")" || exit
      echo "$*" >>calls
      [[ ! -e broken ]] || { echo "printed secret"; cat broken >&2; exit 255; }
      case "$1 $2" in
        "config get")
          cat "config/${3#ninefold:}" 2>/dev/null && exit
          echo "error: configuration key '${3#ninefold:}' not found for stack 'prod'" >&2
          exit 1 ;;
        "stack output")
          cat "outputs/$3" 2>/dev/null && exit
          echo "error: current stack does not have output property '$3'" >&2
          exit 1 ;;
      esac
      """;

  @TempDir private Path folder;

  @BeforeEach
  void stack() throws IOException {
    TestProcess.executable(folder.resolve("pulumi"), SCRIPT);
    Files.createDirectories(folder.resolve("config"));
    Files.createDirectories(folder.resolve("outputs"));
    Files.writeString(folder.resolve("config/cluster"), "stacks/existing.yaml\n");
    Files.writeString(folder.resolve("config/sshPrivateKey"), "KEY\n");
  }

  @Test
  void existingHosts_keysComeFromTheConfiguration() throws IOException {
    Files.writeString(folder.resolve("config/cluster"), "stacks/containers.yaml\n");
    Files.writeString(folder.resolve("config/knownHosts"), "192.168.100.1 ssh-ed25519 AAAA\n");

    var stack = Stack.read(pulumi(Optional.of("prod")));

    assertThat(stack.cluster().name()).isEqualTo("containers");
    assertThat(stack.privateKey()).isEqualTo("KEY\n");
    assertThat(stack.hostKeys().values()).containsExactly("ssh-ed25519 AAAA");
    assertThat(stack.toString()).doesNotContain("KEY");
    assertThat(calls())
        .containsExactlyInAnyOrder(
            "config get ninefold:cluster --non-interactive --stack prod",
            "config get ninefold:sshPrivateKey --non-interactive --stack prod",
            "config get ninefold:knownHosts --non-interactive --stack prod");
  }

  @Test
  void virtualMachines_keysAreOutputs() throws IOException {
    Files.writeString(folder.resolve("config/cluster"), "stacks/dev.yaml\n");
    Files.writeString(folder.resolve("outputs/sshPrivateKey"), "OUTPUT");
    Files.writeString(folder.resolve("outputs/knownHosts"), "");

    var stack = Stack.read(pulumi(Optional.empty()));

    assertThat(stack.privateKey()).isEqualTo("OUTPUT");
    assertThat(stack.hostKeys()).isEmpty();
    assertThat(calls())
        .containsExactlyInAnyOrder(
            "config get ninefold:cluster --non-interactive",
            "stack output sshPrivateKey --show-secrets --non-interactive",
            "stack output knownHosts --show-secrets --non-interactive");
  }

  @Test
  void missingOutput_isReported() throws IOException {
    Files.writeString(folder.resolve("config/cluster"), "stacks/dev.yaml\n");

    assertThatThrownBy(() -> Stack.read(pulumi(Optional.empty())))
        .isInstanceOf(UnusableStackException.class)
        .hasMessageContaining("output property 'sshPrivateKey'")
        .hasMessageContaining("pulumi up creates this output");
  }

  @Test
  void missingConfiguration_isReportedWithTheCommandThatSetsIt() throws IOException {
    Files.delete(folder.resolve("config/sshPrivateKey"));
    assertThatThrownBy(() -> Stack.read(pulumi(Optional.empty())))
        .isInstanceOf(UnusableStackException.class)
        .hasMessageContaining("pulumi config set --secret ninefold:sshPrivateKey");

    Files.delete(folder.resolve("config/cluster"));
    assertThatThrownBy(() -> Stack.read(pulumi(Optional.empty())))
        .isInstanceOf(UnusableStackException.class)
        .hasMessageContaining("pulumi config set ninefold:cluster");
  }

  @Test
  void errorOfPulumi_isPassedOn_withoutItsOutput() throws IOException {
    Files.writeString(folder.resolve("broken"), "error: no stack named 'prod' found\n");

    assertThatThrownBy(() -> Stack.read(pulumi(Optional.of("prod"))))
        .isInstanceOf(UnusableStackException.class)
        .hasMessageContaining("Pulumi cannot read ninefold:cluster of stack prod:")
        .hasMessageContaining("  error: no stack named 'prod' found")
        .hasMessageContaining("pulumi stack ls")
        .hasMessageNotContaining("printed secret");
  }

  @Test
  void missingPassphrase_isReported() throws IOException {
    Files.writeString(folder.resolve("broken"), "error: passphrase must be set with …\n");

    assertThatThrownBy(() -> Stack.read(pulumi(Optional.empty())))
        .isInstanceOf(UnusableStackException.class)
        .hasMessageContaining("Set PULUMI_CONFIG_PASSPHRASE");
  }

  @Test
  void missingPulumi_isReported() {
    var missing = new PulumiCli(List.of(folder.resolve("none").toString()), Optional.empty());

    assertThatThrownBy(() -> missing.config("cluster"))
        .isInstanceOf(UnusableStackException.class)
        .hasMessageContaining("cannot be run")
        .hasMessageContaining("make setup");
  }

  @Test
  void invalidDescription_isReportedByItsReader() throws IOException {
    Files.writeString(folder.resolve("config/cluster"), "stacks/none.yaml\n");

    assertThatThrownBy(() -> Stack.read(pulumi(Optional.empty())))
        .isInstanceOf(InvalidDescriptionException.class)
        .hasMessageContaining("there is no such file");
  }

  private PulumiCli pulumi(Optional<String> stack) {
    return new PulumiCli(List.of(folder.resolve("pulumi").toString()), stack);
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(folder.resolve("calls"));
  }
}
