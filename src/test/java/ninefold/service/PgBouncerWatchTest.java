package ninefold.service;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import ninefold.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The watch over PgBouncer, run by the real Python against a server that behaves as it is told. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PgBouncerWatchTest {
  private static final Path WATCH = Path.of("templates/pgbouncer/pgbouncer-watch");
  private static final long GSS_REQUEST =
      ByteBuffer.allocate(8).putInt(8).putInt(80877104).getLong(0);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The watch as it is, but for certificates, which this machine has none of. */
  private static final String WITHOUT_TLS =
      """
      import json, ssl, sys
      from importlib.machinery import SourceFileLoader
      class Context(ssl.SSLContext):
          def load_cert_chain(self, *files): pass
      watch = SourceFileLoader("watch", sys.argv[1]).load_module()
      ssl.create_default_context = lambda cafile: Context(ssl.PROTOCOL_TLS_CLIENT)
      watch.watch(json.load(open(sys.argv[2])))
      """;

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
      var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, "https://127.0.0.1:1"));
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

  @ParameterizedTest
  @ValueSource(strings = {"activating", "deactivating"})
  void aPoolThatIsBeingRestartedIsLeftToIt(String state) throws Exception {
    Files.writeString(state(), state + "\n");
    try (var pool = new Pool(Behaviour.CLOSES)) {
      var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, "https://127.0.0.1:1"));
      try {
        eventually("a try to hand over", log(), text -> text.contains("no switchover: "));
        assertThat(commands()).isEmptyFile();

        Files.writeString(state(), "active\n");

        eventually("a restart", commands(), text -> text.contains("restart --no-block pgbouncer"));
      } finally {
        watch.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aNodeThatLeadsNowHasItsPoolLogInAnew() throws Exception {
    try (var pool = new Pool(Behaviour.DECLINES)) {
      var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, "https://127.0.0.1:1"));
      try {
        Files.createFile(folder.resolve("promoted"));

        eventually("a fresh login", commands(), text -> text.contains(" pgbouncer -c RECONNECT\n"));
        assertThat(commands()).content().doesNotContain("restart");
        assertThat(folder.resolve("promoted")).doesNotExist();
      } finally {
        watch.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aNodeThatLeadsNoMoreHasItsClientsCut() throws Exception {
    try (var pool = new Pool(Behaviour.DECLINES)) {
      var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, "https://127.0.0.1:1"));
      try {
        Files.createFile(folder.resolve("demoted"));

        eventually("a restart", commands(), text -> text.contains("restart --no-block pgbouncer"));
        assertThat(folder.resolve("demoted")).doesNotExist();
      } finally {
        watch.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void noAnswerOfPatroniEndsTheWatch() throws Exception {
    var leads = http("200 OK", "{\"role\": \"primary\"}");
    var odd =
        List.of(
            "no HTTP at all\n",
            "",
            http("200 OK", ""),
            http("200 OK", "<html>"),
            http("200 OK", "[]"),
            http("200 OK", "\u00ff"),
            http("200 OK", "{").replace("Content-Length: 1", "Content-Length: 100"),
            http("500 Internal Server Error", "{}"));
    var refusal = List.of(leads, http("412 Precondition Failed", "no good candidate"));
    var consent = List.of(leads, http("200 OK", "Successfully switched over"));
    var answers = new ArrayList<>(odd);
    answers.addAll(refusal);
    answers.addAll(consent);
    try (var pool = new Pool(Behaviour.HANGS);
        var patroni = new Patroni(answers)) {
      var url = "http://127.0.0.1:" + patroni.port();
      var watch =
          watch(List.of("-c", WITHOUT_TLS, WATCH.toString()), settings(pool.port(), 0.1, url));
      try {
        eventually("a switchover", log(), text -> text.contains("Successfully switched over"));

        assertThat(Files.readString(log()).lines().filter(line -> line.startsWith("no switchover")))
            .hasSize(odd.size() + 1)
            .allMatch(line -> line.endsWith("; it is asked for again"));
        assertThat(watch.isAlive()).isTrue();
      } finally {
        watch.destroyForcibly().waitFor();
      }
    }
  }

  private static String http(String status, String body) {
    return "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body);
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

  private Path settings(int port, double handoverAfter, String patroni) throws IOException {
    return Files.writeString(
        folder.resolve("watch.json"),
        """
        {"address": "127.0.0.1", "port": %d, "interval": 0.05, "answerWithin": 0.3,
         "restartAfter": 0.5, "handoverAfter": %s, "patroni": "%s", "member": "postgres1",
         "events": "%s"}
        """
            .formatted(port, handoverAfter, patroni, folder));
  }

  private Process watch(List<String> program, Path settings) throws IOException {
    for (var name : List.of("systemctl", "runuser")) {
      Program.executable(
          folder.resolve("bin/" + name),
          """
          #!/bin/sh
          case "$1" in is-active) exec cat '%s' ;; esac
          echo "$*" >>'%s'
          """
              .formatted(state(), commands()));
    }
    if (!Files.exists(state())) {
      Files.writeString(state(), "active\n");
    }
    Files.createFile(commands());
    var command = new ArrayList<>(List.of("python3", "-B", "-u"));
    command.addAll(program);
    command.add(settings.toString());
    var builder = new ProcessBuilder(command);
    builder.environment().put("PYTHONWARNINGS", "ignore");
    builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    return builder.redirectErrorStream(true).redirectOutput(log().toFile()).start();
  }

  private Path commands() {
    return folder.resolve("commands");
  }

  /** What systemd says of the pool. */
  private Path state() {
    return folder.resolve("state");
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
      var question = client.getInputStream().readNBytes(Long.BYTES);
      if (question.length < Long.BYTES) {
        return; // the watch was ended as it asked
      }
      asked.add(ByteBuffer.wrap(question).getLong());
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

  /** A server on loopback in Patroni's place, which gives each answer once. */
  private static final class Patroni implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    Patroni(List<String> answers) throws IOException {
      var thread = new Thread(() -> serve(answers), "patroni");
      thread.setDaemon(true);
      thread.start();
    }

    int port() {
      return server.getLocalPort();
    }

    private void serve(List<String> answers) {
      try {
        for (var answer : answers) {
          try (var client = server.accept()) {
            receive(client.getInputStream());
            client.getOutputStream().write(answer.getBytes(ISO_8859_1));
          }
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }

    /** What was left unread would reset the connection before the answer is read. */
    private static void receive(InputStream from) throws IOException {
      var head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        var read = from.read();
        if (read < 0) {
          throw new EOFException("the request ended in its head: " + head);
        }
        head.append((char) read);
      }
      var length = Pattern.compile("(?i)content-length: ([0-9]+)").matcher(head);
      from.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
