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
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import ninefold.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The watch over PgBouncer, run by the real Python against a server that behaves as it is told. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PgBouncerWatchTest {
  private static final Path WATCH = Path.of("templates/pgbouncer/pgbouncer-watch");
  private static final long GSS_REQUEST =
      ByteBuffer.allocate(8).putInt(8).putInt(80877104).getLong(0);

  /** Where no Patroni answers. */
  private static final String NOBODY = "https://127.0.0.1:1";

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
      assertThat(asked(pool.port())).isEqualTo("ANSWERS");
      assertThat(pool.asked()).containsExactly(GSS_REQUEST);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HANGS", "CLOSES", "BABBLES"})
  void aPoolThatSaysNothingOrAnotherThingHangs(Behaviour behaviour) throws IOException {
    try (var pool = new Pool(behaviour)) {
      assertThat(asked(pool.port())).isEqualTo("HANGS");
    }
  }

  @Test
  void aPoolThatIsGoneIsAbsent() throws IOException {
    var pool = new Pool(Behaviour.CLOSES);
    pool.close();

    assertThat(asked(pool.port())).isEqualTo("ABSENT");
  }

  @Test
  void aHungPoolIsKilled_untilOneAnswers() throws Exception {
    var first = process();
    try (var pool = new Pool(Behaviour.HANGS);
        var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, NOBODY))) {
      assertThat(first.waitFor(60, TimeUnit.SECONDS)).as(watch.said()).isTrue();
      var second = process();
      assertThat(second.waitFor(60, TimeUnit.SECONDS)).as(watch.said()).isTrue();
      watch.eventuallySays("no switchover: ");
      var third = process();

      pool.behave(Behaviour.DECLINES);

      watch.eventuallySays("PgBouncer answers again after");
      assertThat(watch.isAlive()).isTrue();
      third.destroyForcibly().waitFor();
    }
  }

  /** It stops, or starts: systemd sees to it, and a kill would cut short what it lets end. */
  @Test
  void aPoolThatIsAbsentIsLeftToSystemd() throws Exception {
    var stopping = process();
    var pool = new Pool(Behaviour.CLOSES);
    pool.close();
    try (var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, NOBODY))) {
      watch.eventuallySays("no switchover: ");
      assertThat(stopping.isAlive()).isTrue();
      assertThat(watch.said()).doesNotContain("kill");
    } finally {
      stopping.destroyForcibly().waitFor();
    }
  }

  @Test
  void aHungPoolWithoutAProcessIsNoEndOfTheWatch() throws Exception {
    try (var pool = new Pool(Behaviour.HANGS);
        var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, NOBODY))) {
      watch.eventuallySays("nothing to kill: ");
      watch.eventuallySays("no switchover: ");
      assertThat(watch.isAlive()).isTrue();
    }
  }

  @Test
  void aNodeThatLeadsNowHasItsPoolLogInAnew() throws Exception {
    var process = process();
    try (var pool = new Pool(Behaviour.DECLINES);
        var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, NOBODY))) {
      Files.createFile(folder.resolve("promoted"));

      watch.eventuallySays("PgBouncer logs in anew");
      assertThat(folder.resolve("commands")).content().endsWith(" pgbouncer -c RECONNECT\n");
      watch.eventually("the note is gone", () -> !Files.exists(folder.resolve("promoted")));
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aNodeThatLeadsNoMoreHasItsClientsCut() throws Exception {
    var process = process();
    try (var pool = new Pool(Behaviour.DECLINES);
        var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 1, NOBODY))) {
      Files.createFile(folder.resolve("demoted"));

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(watch.said()).isTrue();
      assertThat(folder.resolve("demoted")).doesNotExist();
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
        var other = new Pool(Behaviour.DECLINES);
        var patroni = new Patroni(answers);
        var watch =
            watch(
                List.of("-c", WITHOUT_TLS, WATCH.toString()),
                settings(
                    pool.port(),
                    0.1,
                    "http://127.0.0.1:" + patroni.port(),
                    others(other.port())))) {
      watch.eventuallySays("Successfully switched over");

      assertThat(watch.said().lines().filter(line -> line.startsWith("no switchover")))
          .hasSize(odd.size() + 1)
          .allMatch(line -> line.endsWith("; it is asked for again"));
      assertThat(watch.isAlive()).isTrue();
    }
  }

  @Test
  void aShortStallEndsNoSession() throws Exception {
    var process = process();
    try (var pool = new Pool(Behaviour.HANGS);
        var watch = watch(List.of(WATCH.toString()), settings(pool.port(), 100, NOBODY))) {
      watch.eventually("it was asked twice in vain", () -> pool.kept.size() >= 2);
      pool.behave(Behaviour.DECLINES);

      watch.eventuallySays("PgBouncer answers again after");
      assertThat(watch.said()).doesNotContain("killing");
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Another leader would serve nobody either, and would hand over in its turn. */
  @Test
  void theLeaderStaysWhereNoPoolAnswers() throws Exception {
    var asked = http("200 OK", "{\"role\": \"primary\"}");
    try (var pool = new Pool(Behaviour.HANGS);
        var other = new Pool(Behaviour.HANGS);
        var patroni = new Patroni(List.of(asked));
        var watch =
            watch(
                List.of("-c", WITHOUT_TLS, WATCH.toString()),
                settings(
                    pool.port(),
                    0.1,
                    "http://127.0.0.1:" + patroni.port(),
                    others(other.port())))) {
      watch.eventuallySays("answers on no other node either; postgres1 goes on leading");

      assertThat(watch.said()).doesNotContain("asking for a switchover");
      assertThat(watch.isAlive()).isTrue();
    }
  }

  private static String others(int port) {
    return "[{\"name\": \"postgres2\", \"address\": \"127.0.0.1\", \"port\": %d}]".formatted(port);
  }

  private static String http(String status, String body) {
    return "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body);
  }

  private String asked(int port) {
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
                print(watch.ask("127.0.0.1", int(sys.argv[2]), 0.5).name)
                """,
                WATCH.toString(),
                String.valueOf(port)),
            "",
            Map.of("PYTHONWARNINGS", "ignore"));
    assertThat(ended.status()).as(ended.said()).isZero();
    return ended.said().strip();
  }

  private Path settings(int port, double handoverAfter, String patroni) throws IOException {
    return settings(port, handoverAfter, patroni, "[]");
  }

  private Path settings(int port, double handoverAfter, String patroni, String others)
      throws IOException {
    return Files.writeString(
        folder.resolve("watch.json"),
        """
        {"address": "127.0.0.1", "port": %d, "interval": 0.05, "answerWithin": 0.3,
         "missed": 3, "handoverAfter": %s, "patroni": "%s", "member": "postgres1",
         "others": %s, "events": "%s", "pidFile": "%s"}
        """
            .formatted(port, handoverAfter, patroni, others, folder, pidFile()));
  }

  private Watch watch(List<String> program, Path settings) throws IOException {
    Program.executable(
        folder.resolve("bin/psql"),
        "#!/bin/sh\necho \"$*\" >>'%s'\n".formatted(folder.resolve("commands")));
    var command = new ArrayList<>(List.of("python3", "-B", "-u"));
    command.addAll(program);
    command.add(settings.toString());
    var builder = new ProcessBuilder(command);
    builder.environment().put("PYTHONWARNINGS", "ignore");
    builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    var log = folder.resolve("log");
    return new Watch(builder.redirectErrorStream(true).redirectOutput(log.toFile()).start(), log);
  }

  /** What stands in PgBouncer's place when it is to be killed. */
  private Process process() throws IOException {
    var process = new ProcessBuilder("sleep", "600").start();
    Files.writeString(pidFile(), process.pid() + "\n");
    return process;
  }

  private Path pidFile() {
    return folder.resolve("pgbouncer.pid");
  }

  /** A watch that runs, and what it says. */
  private record Watch(Process process, Path log) implements AutoCloseable {
    boolean isAlive() {
      return process.isAlive();
    }

    String said() throws IOException {
      return Files.readString(log);
    }

    void eventuallySays(String text) throws Exception {
      eventually("it says " + text, () -> said().contains(text));
    }

    void eventually(String what, Callable<Boolean> condition) throws Exception {
      var end = Instant.now().plus(PATIENCE);
      while (!condition.call()) {
        assertThat(Instant.now()).as("%s, while it said: %s", what, said()).isBefore(end);
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
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
