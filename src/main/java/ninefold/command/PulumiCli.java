package ninefold.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs the {@code pulumi} command to read a stack, one value at a time, so that no secret is read
 * that is not needed.
 *
 * @param program the command and its first arguments
 * @param stack the stack; empty for the one that Pulumi has selected
 */
record PulumiCli(List<String> program, Optional<String> stack) {
  /** Names a command to run instead of {@code pulumi}. */
  private static final String COMMAND_VARIABLE = "NINEFOLD_PULUMI";

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private record Result(int status, String output, String errors) {}

  /** The command that the environment selects. */
  static PulumiCli of(Optional<String> stack) {
    var named =
        Optional.ofNullable(System.getenv(COMMAND_VARIABLE)).filter(words -> !words.isBlank());
    return new PulumiCli(List.of(named.orElse("pulumi").strip().split("\\s+")), stack);
  }

  /**
   * A value of the stack's configuration, if it is set.
   *
   * @param key its name in the namespace {@code ninefold}
   */
  Optional<String> config(String key) {
    var result = run("config", "get", "ninefold:" + key);
    if (result.status() == 0) {
      return Optional.of(result.output()).filter(value -> !value.isBlank());
    }
    if (result.errors().contains("not found for stack")) {
      return Optional.empty();
    }
    throw failure("ninefold:" + key, result);
  }

  /** An output of the stack, which may be secret. */
  String output(String name) {
    var result = run("stack", "output", name, "--show-secrets");
    if (result.status() != 0) {
      throw failure("the output " + name, result);
    }
    return result.output();
  }

  private Result run(String... words) {
    var command = new ArrayList<>(program);
    command.addAll(List.of(words));
    // Without it, Pulumi would wait for a passphrase at a prompt that the user cannot see.
    command.add("--non-interactive");
    stack.ifPresent(name -> command.addAll(List.of("--stack", name)));
    try {
      var process = new ProcessBuilder(command).start();
      process.getOutputStream().close();
      var output = BackgroundTask.start(() -> text(process.getInputStream()));
      var errors = BackgroundTask.start(() -> text(process.getErrorStream()));
      if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        throw new UnusableStackException(
            "%s did not finish within %d s. Check that its backend answers: pulumi whoami -v"
                .formatted(String.join(" ", command), TIMEOUT.toSeconds()));
      }
      return new Result(process.exitValue(), output.result(), errors.result());
    } catch (IOException e) {
      throw new UnusableStackException(
          "%s cannot be run: %s. make setup installs it".formatted(program.get(0), e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableStackException("interrupted while Pulumi was running");
    }
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The message omits Pulumi's standard output, which may contain secrets. */
  private UnusableStackException failure(String what, Result result) {
    var words = result.errors().strip();
    return new UnusableStackException(
        "Pulumi cannot read %s%s:%n%s%n%s"
            .formatted(
                what,
                stack.map(name -> " of stack " + name).orElse(""),
                words.lines().map(line -> "  " + line).collect(joining("\n")),
                remedy(words)));
  }

  private static String remedy(String words) {
    if (words.contains("passphrase")) {
      return "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, as for pulumi up.";
    }
    if (words.contains("no stack")) {
      return "Name a stack with --stack NAME, or select one: pulumi stack select NAME. pulumi stack ls"
          + " lists them.";
    }
    if (words.contains("output property")) {
      return "pulumi up creates this output: run it first.";
    }
    return "Correct what Pulumi reports, then try again.";
  }
}
