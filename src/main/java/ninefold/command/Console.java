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
 * Who reads what a command says, and answers what it asks.
 *
 * @param out the standard output
 * @param err the standard error
 * @param palette its colours
 * @param terminal whether somebody sits before it
 * @param answers a line that is typed; empty at the end of the input
 * @param clock tells the time
 * @param pause waits so long; false if it was interrupted
 */
record Console(
    PrintWriter out,
    PrintWriter err,
    Palette palette,
    boolean terminal,
    Supplier<Optional<String>> answers,
    Clock clock,
    Pause pause) {

  /** A pause. */
  interface Pause {
    boolean last(Duration duration);
  }

  /** The one that started the program. */
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

  /** One at which nobody sits. */
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
  void say(List<String> lines) {
    lines.forEach(out::println);
    out.flush();
  }

  /** Writes a line to the standard output. */
  void say(String line) {
    say(List.of(line));
  }

  /** Asks a question that is answered by yes or no. */
  boolean agrees(String question) {
    out.print(question + " [y/N] ");
    out.flush();
    return answers.get().filter(it -> it.strip().matches("(?i)y|yes")).isPresent();
  }
}
