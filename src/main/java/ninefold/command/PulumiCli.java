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
 * Asks Pulumi's own program about a stack, one value at a time, so that no secret is read that is
 * not needed.
 *
 * @param program the words that start it
 * @param stack the stack, or the one that Pulumi has selected
 */
record PulumiCli(List<String> program, Optional<String> stack) {
  /** What stands in this variable is run instead of {@code pulumi}. */
  private static final String VARIABLE = "NINEFOLD_PULUMI";

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private record Said(int status, String output, String errors) {}

  /** Pulumi as the environment names it. */
  static PulumiCli of(Optional<String> stack) {
    var named = Optional.ofNullable(System.getenv(VARIABLE)).filter(words -> !words.isBlank());
    return new PulumiCli(List.of(named.orElse("pulumi").strip().split("\\s+")), stack);
  }

  /**
   * A value of the stack's configuration, if it is set.
   *
   * @param key its name in the namespace {@code ninefold}
   */
  Optional<String> config(String key) {
    var said = ask("config", "get", "ninefold:" + key);
    if (said.status() == 0) {
      return Optional.of(said.output()).filter(value -> !value.isBlank());
    }
    if (said.errors().contains("not found for stack")) {
      return Optional.empty();
    }
    throw failure("ninefold:" + key, said);
  }

  /** An output of the stack, which may be secret. */
  String output(String name) {
    var said = ask("stack", "output", name, "--show-secrets");
    if (said.status() != 0) {
      throw failure("the output " + name, said);
    }
    return said.output();
  }

  private Said ask(String... words) {
    var command = new ArrayList<>(program);
    command.addAll(List.of(words));
    // Whoever asks for a passphrase would wait for an answer that nobody sees asked for.
    command.add("--non-interactive");
    stack.ifPresent(name -> command.addAll(List.of("--stack", name)));
    try {
      var process = new ProcessBuilder(command).start();
      process.getOutputStream().close();
      var output = BackgroundTask.start(() -> text(process.getInputStream()));
      var errors = BackgroundTask.start(() -> text(process.getErrorStream()));
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        throw new UnusableStackException(
            "%s did not end within %d s. Does its backend answer? pulumi whoami -v"
                .formatted(String.join(" ", command), LIMIT.toSeconds()));
      }
      return new Said(process.exitValue(), output.result(), errors.result());
    } catch (IOException e) {
      throw new UnusableStackException(
          "%s cannot be run: %s. Is it installed? make setup"
              .formatted(program.get(0), e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableStackException("interrupted while Pulumi was asked");
    }
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What Pulumi wrote to its standard output stays out of it: that may be secret. */
  private UnusableStackException failure(String what, Said said) {
    var words = said.errors().strip();
    return new UnusableStackException(
        "Pulumi does not tell %s%s:%n%s%n%s"
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
      return "Name one: --stack NAME; or select one: pulumi stack select NAME. There are: pulumi"
          + " stack ls";
    }
    if (words.contains("output property")) {
      return "pulumi up makes it: has the stack been built?";
    }
    return "Run the same with pulumi, and put right what it says.";
  }
}
