package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A root shell on a node that stays open, so that a script needs no new connection. */
final class Shell implements AutoCloseable {
  private static final String END = "ninefold-lab-end";

  private final String node;
  private final Process process;
  private final Writer input;
  private final BlockingQueue<Optional<String>> received = new LinkedBlockingQueue<>();

  /** Opens a shell with a command that runs bash on the node. */
  Shell(String node, List<String> command) throws IOException {
    this.node = node;
    this.process = new ProcessBuilder(command).redirectErrorStream(true).start();
    this.input = process.outputWriter(UTF_8);
    var listener = new Thread(this::listen, "shell-" + node);
    listener.setDaemon(true);
    listener.start();
  }

  boolean isOpen() {
    return process.isAlive();
  }

  /**
   * Runs a script in a new bash process.
   *
   * @return what it printed
   * @throws LabFailure if the script fails or exceeds the limit; the message contains its output
   */
  synchronized String run(String script, Duration limit) {
    try {
      input.write(framed(script));
      input.flush();
    } catch (IOException e) {
      throw closed(script, "the shell has ended: " + e.getMessage());
    }
    var lines = new ArrayList<String>();
    long end = System.nanoTime() + limit.toNanos();
    for (; ; ) {
      var line = next(script, lines, end - System.nanoTime());
      if (line.startsWith(END)) {
        return outcome(script, lines, line.substring(END.length()).strip());
      }
      lines.add(line);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static String framed(String script) {
    return """
    bash -euo pipefail -s 2>/run/END.stderr <<'END' && status=0 || status=$?
    SCRIPT
    END
    ((status == 0)) || cat /run/END.stderr
    printf '\\nEND %d\\n' "$status"
    """
        .replace("END", END)
        .replace("SCRIPT", script);
  }

  private String next(String script, List<String> lines, long nanos) {
    try {
      var line = received.poll(nanos, TimeUnit.NANOSECONDS);
      if (line == null) {
        throw closed(script, "it did not end in time; its output so far: " + lines);
      }
      return line.orElseThrow(
          () -> closed(script, "the shell has ended; its output so far: " + lines));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private String outcome(String script, List<String> lines, String status) {
    var text = String.join("\n", lines);
    if (!status.equals("0")) {
      throw failure(script, "status " + status + "\n" + text);
    }
    return text;
  }

  private void listen() {
    try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        received.add(Optional.of(line));
      }
    } catch (IOException e) {
      received.add(Optional.of(e.toString()));
    }
    received.add(Optional.empty());
  }

  private LabFailure closed(String script, String how) {
    close();
    return failure(script, how);
  }

  private LabFailure failure(String script, String how) {
    return new LabFailure("on " + node + ":\n" + script + "\n" + how);
  }
}
