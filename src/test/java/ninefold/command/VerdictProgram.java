package ninefold.command;

import java.io.IOException;
import java.nio.file.Path;

/** A program that answers {@code verify} with a healthy cluster until its standard input ends. */
final class VerdictProgram {
  private VerdictProgram() {}

  /** Opens the socket for an input, and prints when it is ready. */
  public static void main(String[] input) throws IOException {
    VerdictSocket.open(
        Path.of("target", "verdict"),
        input[0],
        stack -> new FakeClusterConnection(FakeObservation.healthy()));
    System.out.println("ready");
    while (System.in.read() >= 0) {
      // The input is ignored.
    }
  }
}
