package ninefold.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where a command prints its output and asks its questions.
 *
 * @param out the standard output
 * @param err the standard error
 * @param palette the colours of the output
 * @param terminal whether it is a terminal, so that questions can be asked
 * @param input reads a line; empty at the end of the input
 * @param clock the time
 * @param pause how to wait
 */
record Console(
    PrintWriter out,
    PrintWriter err,
    Palette palette,
    boolean terminal,
    Supplier<Optional<String>> input,
    Clock clock,
    Pause pause) {

  /** A way to wait. */
  interface Pause {
    /** Waits; returns false if it is interrupted. */
    boolean sleep(Duration duration);
  }

  /** The console of this process. */
  static Console ofProcess() {
    var typed = Optional.ofNullable(System.console());
    return new Console(
        writer(new FileOutputStream(FileDescriptor.out)),
        writer(new FileOutputStream(FileDescriptor.err)),
        Palette.ofTerminal(),
        typed.isPresent(),
        () -> typed.flatMap(console -> Optional.ofNullable(console.readLine())),
        Clock.systemUTC(),
        Console::sleep);
  }

  /** A console that is not a terminal. */
  static Console of(OutputStream out, OutputStream err) {
    return new Console(
        writer(out),
        writer(err),
        new Palette(false),
        false,
        Optional::empty,
        Clock.systemUTC(),
        Console::sleep);
  }

  private static PrintWriter writer(OutputStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, UTF_8), true);
  }

  private static boolean sleep(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Writes lines to the standard output. */
  void print(List<String> lines) {
    lines.forEach(out::println);
    out.flush();
  }

  /** Writes a line to the standard output. */
  void print(String line) {
    print(List.of(line));
  }

  /** Asks a yes-or-no question; any other answer means no. */
  boolean confirm(String question) {
    out.print(question + " [y/N] ");
    out.flush();
    return input.get().filter(it -> it.strip().matches("(?i)y|yes")).isPresent();
  }
}
