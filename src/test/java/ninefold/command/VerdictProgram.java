package ninefold.command;

import java.io.IOException;
import java.nio.file.Path;

/** A program in whose {@code up} all is well, as long as its standard input lasts. */
final class VerdictProgram {
  private VerdictProgram() {}

  /** Answers this one input, and says when it does. */
  public static void main(String[] input) throws IOException {
    VerdictSocket.open(
        Path.of("target", "verdict"), input[0], stack -> new FakeClusterConnection(Seen.healthy()));
    System.out.println("ready");
    while (System.in.read() >= 0) {
      // It is told nothing.
    }
  }
}
