package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import ninefold.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The watch over PgBouncer, run by the real Python against a server that behaves as it is told. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PgBouncerWatchTest {
  private static final Path WATCH = Path.of("templates/pgbouncer/pgbouncer-watch");
  private static final long GSS_REQUEST =
      ByteBuffer.allocate(8).putInt(8).putInt(80877104).getLong(0);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void aPoolThatDeclinesGssAnswers() throws IOException {
    try (var pool = new Pool(Behaviour.DECLINES)) {
      assertThat(answers(pool.port())).isTrue();
      assertThat(pool.asked()).containsExactly(GSS_REQUEST);
    }
  }

  @Test
  void aPoolThatHangsDoesNot() throws IOException {
    try (var pool = new Pool(Behaviour.HANGS)) {
      assertThat(answers(pool.port())).isFalse();
    }
  }

  @Test
  void aPoolThatHangsUpDoesNot() throws IOException {
    try (var pool = new Pool(Behaviour.CLOSES)) {
      assertThat(answers(pool.port())).isFalse();
    }
  }

  @Test
  void whatSpeaksAnotherProtocolDoesNot() throws IOException {
    try (var pool = new Pool(Behaviour.BABBLES)) {
      assertThat(answers(pool.port())).isFalse();
    }
  }

  @Test
  void aPoolThatIsGoneDoesNot() throws IOException {
    var pool = new Pool(Behaviour.CLOSES);
    pool.close();

    assertThat(answers(pool.port())).isFalse();
  }

  @Test
  void aHungPoolIsKilledAndRestartedUntilItAnswers() throws Exception {
    try (var pool = new Pool(Behaviour.HANGS)) {
      var watch = watch(pool.port());
      try {
        eventually("a restart", commands(), text -> text.contains("restart --no-block pgbouncer"));
        assertThat(commands()).content().startsWith("kill --signal=KILL pgbouncer\n");
        eventually("a try to hand over", log(), text -> text.contains("no switchover: "));

        pool.behave(Behaviour.DECLINES);

        eventually("its recovery", log(), text -> text.contains("PgBouncer answers again after"));
        assertThat(watch.isAlive()).isTrue();
      } finally {
        watch.destroyForcibly().waitFor();
      }
    }
  }

  private boolean answers(int port) {
    var ended =
        Program.run(
            List.of(
                "python3",
                "-B",
                "-c",
                """
                import sys
                from importlib.machinery import SourceFileLoader
                watch = SourceFileLoader("watch", sys.argv[1]).load_module()
                print(watch.answers("127.0.0.1", int(sys.argv[2]), 0.5))
                """,
                WATCH.toString(),
                String.valueOf(port)),
            "",
            Map.of("PYTHONWARNINGS", "ignore"));
    assertThat(ended.status()).as(ended.said()).isZero();
    return ended.said().strip().equals("True");
  }

  private Process watch(int port) throws IOException {
    var settings =
        Files.writeString(
            folder.resolve("watch.json"),
            """
            {"address": "127.0.0.1", "port": %d, "interval": 0.05, "answerWithin": 0.3,
             "restartAfter": 0.5, "handoverAfter": 1, "patroni": "https://127.0.0.1:1",
             "member": "postgres1"}
            """
                .formatted(port));
    Program.executable(
        folder.resolve("bin/systemctl"), "#!/bin/sh\necho \"$*\" >>'" + commands() + "'\n");
    Files.createFile(commands());
    var builder = new ProcessBuilder("python3", "-B", "-u", WATCH.toString(), settings.toString());
    builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    return builder.redirectErrorStream(true).redirectOutput(log().toFile()).start();
  }

  private Path commands() {
    return folder.resolve("commands");
  }

  private Path log() {
    return folder.resolve("log");
  }

  private void eventually(String what, Path file, Predicate<String> condition) throws Exception {
    var end = Instant.now().plus(PATIENCE);
    while (!condition.test(Files.readString(file))) {
      assertThat(Instant.now())
          .as("%s, while the watch said: %s", what, Files.readString(log()))
          .isBefore(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** What the server does with who asks it. */
  private enum Behaviour {
    DECLINES,
    BABBLES,
    CLOSES,
    HANGS
  }

  /** A server on loopback in PgBouncer's place. */
  private static final class Pool implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Long> asked = new CopyOnWriteArrayList<>();
    private final List<Socket> kept = new CopyOnWriteArrayList<>();
    private volatile Behaviour behaviour;

    Pool(Behaviour behaviour) throws IOException {
      this.behaviour = behaviour;
      var thread = new Thread(this::serve, "pool");
      thread.setDaemon(true);
      thread.start();
    }

    int port() {
      return server.getLocalPort();
    }

    List<Long> asked() {
      return asked;
    }

    void behave(Behaviour other) {
      behaviour = other;
    }

    private void serve() {
      while (!server.isClosed()) {
        try {
          serve(server.accept());
        } catch (IOException e) {
          if (!server.isClosed()) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }

    private void serve(Socket client) throws IOException {
      kept.add(client);
      switch (behaviour) {
        case DECLINES -> answer(client, 'N');
        case BABBLES -> answer(client, 'H');
        case CLOSES -> client.close();
        case HANGS -> {}
      }
    }

    private void answer(Socket client, char with) throws IOException {
      asked.add(ByteBuffer.wrap(client.getInputStream().readNBytes(8)).getLong());
      client.getOutputStream().write(with);
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (var client : kept) {
        client.close();
      }
    }
  }
}
