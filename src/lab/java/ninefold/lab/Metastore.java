package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A Hive Metastore that runs in the lab's network, configured only by its files. */
final class Metastore implements AutoCloseable {
  /** Not the default port, so the Metastore must read it from its files. */
  static final int PORT = 9183;

  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(90);

  private final Process process;
  private final Path log;
  private final int before;

  /**
   * Creates it; {@code before} is the size of the log before this Metastore was started, in bytes.
   */
  private Metastore(Process process, Path log, int before) {
    this.process = process;
    this.log = log;
    this.before = before;
  }

  /** Starts a Metastore, and returns once it accepts connections. */
  static Metastore start(HiveDistribution hive, Path configuration, Path log) {
    var builder = hive.program(configuration, "org.apache.hadoop.hive.metastore.HiveMetaStore");
    try {
      int before = Files.exists(log) ? (int) Files.size(log) : 0;
      var process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      var metastore = new Metastore(process, log, before);
      metastore.awaitAnswer();
      return metastore;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String uri() {
    return "thrift://127.0.0.1:" + PORT;
  }

  /** Returns the log of this Metastore. */
  String log() {
    try {
      var all = Files.readAllBytes(log);
      return new String(all, before, all.length - before, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitAnswer() {
    try {
      Eventually.holds(
          "the Metastore accepts connections",
          ANSWERS_WITHIN,
          () -> {
            if (!process.isAlive()) {
              throw new AssertionError("the Metastore has ended:\n" + log());
            }
            return accepts() ? Optional.empty() : Optional.of(log());
          });
    } catch (AssertionError e) {
      close();
      throw e;
    }
  }

  private static boolean accepts() {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
