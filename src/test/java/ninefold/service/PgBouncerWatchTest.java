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
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import ninefold.TestProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests pgbouncer-watch and pgbouncer-hand-over with the real Python and a fake PgBouncer. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PgBouncerWatchTest {
  private static final Path WATCH = Path.of("templates/pgbouncer/scripts/pgbouncer-watch.py");
  private static final long GSS_REQUEST =
      ByteBuffer.allocate(8).putInt(8).putInt(80877104).getLong(0);

  /** An address at which no Patroni answers. */
  private static final String NOBODY = "https://127.0.0.1:1";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The program that hands over, without certificates, because this machine has none. */
  private static final String WITHOUT_TLS =
      """
      import json, ssl, sys
      from importlib.machinery import SourceFileLoader
      class Context(ssl.SSLContext):
          def load_cert_chain(self, *files): pass
      sys.path.insert(0, "templates/pgbouncer/scripts")
      program = SourceFileLoader("program", "templates/pgbouncer/scripts/pgbouncer-hand-over.py").load_module()
      ssl.create_default_context = lambda cafile: Context(ssl.PROTOCOL_TLS_CLIENT)
      program.AUTHENTICATION = sys.argv[2]
      program.hand_over(json.load(open(sys.argv[1])))
      """;

  private static final String LEADS = http("200 OK", "{\"role\": \"primary\"}");

  @TempDir private Path folder;

  @Test
  void poolThatDeclinesGss_answers() throws IOException {
    try (var pool = new Pool(Behaviour.DECLINES)) {
      assertThat(asked(pool.port())).isEqualTo("ANSWERS");
      assertThat(pool.asked()).containsExactly(GSS_REQUEST);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HANGS", "CLOSES", "BABBLES"})
  void poolWithoutAValidAnswer_hangs(Behaviour behaviour) throws IOException {
    try (var pool = new Pool(behaviour)) {
      assertThat(asked(pool.port())).isEqualTo("HANGS");
    }
  }

  @Test
  void closedPort_isAbsent() throws IOException {
    var pool = new Pool(Behaviour.CLOSES);
    pool.close();

    assertThat(asked(pool.port())).isEqualTo("ABSENT");
  }

  @Test
  void hungPool_isKilled_untilOneAnswers() throws Exception {
    var first = process();
    try (var pool = new Pool(Behaviour.HANGS);
        var watch = watch(settings(pool.port(), 1))) {
      assertThat(first.waitFor(60, TimeUnit.SECONDS)).as(watch.output()).isTrue();
      var second = process();
      assertThat(second.waitFor(60, TimeUnit.SECONDS)).as(watch.output()).isTrue();
      watch.eventuallySays("no switchover: ");
      var third = process();

      pool.behave(Behaviour.DECLINES);

      watch.eventuallySays("PgBouncer answers again after");
      assertThat(watch.isAlive()).isTrue();
      third.destroyForcibly().waitFor();
    }
  }

  /** PgBouncer is stopping or starting. systemd handles that, and a kill would close sessions. */
  @Test
  void absentPool_isLeftToSystemd() throws Exception {
    var stopping = process();
    var pool = new Pool(Behaviour.CLOSES);
    pool.close();
    try (var watch = watch(settings(pool.port(), 1))) {
      watch.eventuallySays("no switchover: ");
      assertThat(stopping.isAlive()).isTrue();
      assertThat(watch.output()).doesNotContain("kill");
    } finally {
      stopping.destroyForcibly().waitFor();
    }
  }

  @Test
  void hungPoolWithoutAProcess_doesNotEndTheWatch() throws Exception {
    try (var pool = new Pool(Behaviour.HANGS);
        var watch = watch(settings(pool.port(), 1))) {
      watch.eventuallySays("nothing to kill: ");
      watch.eventuallySays("no switchover: ");
      assertThat(watch.isAlive()).isTrue();
    }
  }

  /** PgBouncer's user can't remove the note, so the watch must not act on it twice. */
  @Test
  void promotion_makesThePoolReconnect() throws Exception {
    var process = process();
    try (var pool = new Pool(Behaviour.DECLINES);
        var watch = watch(settings(pool.port(), 1))) {
      note("promoted");

      watch.eventuallySays("PgBouncer logs in anew");
      assertThat(folder.resolve("commands")).content().endsWith(" pgbouncer -c RECONNECT\n");
      var asked = pool.asked().size();
      watch.eventually("it has gone on", () -> pool.asked().size() > asked + 2);
      assertThat(folder.resolve("commands")).content().hasLineCount(1);
      assertThat(folder.resolve("promoted")).exists();
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void everyDemotion_closesClientSessions() throws Exception {
    var first = process();
    try (var pool = new Pool(Behaviour.DECLINES);
        var watch = watch(settings(pool.port(), 1))) {
      note("demoted");
      assertThat(first.waitFor(60, TimeUnit.SECONDS)).as(watch.output()).isTrue();

      var second = process();
      var asked = pool.asked().size();
      watch.eventually("it has gone on", () -> pool.asked().size() > asked + 2);
      assertThat(second.isAlive()).as(watch.output()).isTrue();
      note("demoted");
      assertThat(second.waitFor(60, TimeUnit.SECONDS)).as(watch.output()).isTrue();
    }
  }

  /** The watch may be down while Patroni writes, or start much later. */
  @Test
  void note_appliesOnlyToAPoolThatStartedBefore() throws Exception {
    note("demoted");
    note("promoted");
    var later = process();
    try (var pool = new Pool(Behaviour.DECLINES);
        var watch = watch(settings(pool.port(), 1))) {
      watch.eventually("it has gone on", () -> pool.asked().size() > 3);
      assertThat(watch.output()).isEmpty();
      assertThat(later.isAlive()).isTrue();
    }
    note("demoted");
    try (var pool = new Pool(Behaviour.DECLINES);
        var watch = watch(settings(pool.port(), 1))) {
      assertThat(later.waitFor(60, TimeUnit.SECONDS)).as(watch.output()).isTrue();
    }
  }

  /** The watch itself has no access to Patroni: it connects to a socket, and sends nothing. */
  @Test
  void deadPool_triggersTheHandOverProgram() throws Exception {
    var pool = new Pool(Behaviour.CLOSES);
    pool.close();
    var socket = UnixDomainSocketAddress.of(folder.resolve("hand-over"));
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(socket);
        var watch = watch(settings(pool.port(), 0.1))) {
      for (var answer : List.of("no switchover: no good candidate", "Successfully switched over")) {
        try (var asked = server.accept()) {
          asked.write(ByteBuffer.wrap((answer + "\n").getBytes(ISO_8859_1)));
          asked.shutdownOutput();
          assertThat(asked.read(ByteBuffer.allocate(1))).as("what the watch sends").isEqualTo(-1);
        }
        watch.eventuallySays(answer);
      }
      assertThat(watch.isAlive()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("oddAnswers")
  void invalidAnswerOfPatroni_isReportedOnce(List<String> answers) throws Exception {
    try (var pool = new Pool(Behaviour.HANGS);
        var other = new Pool(Behaviour.DECLINES);
        var patroni = new Patroni(answers)) {
      var output = handedOver(pool, other, patroni);

      assertThat(output.lines().filter(line -> line.startsWith("no switchover")))
          .hasSize(1)
          .allMatch(line -> line.endsWith("; retrying later"));
    }
  }

  static List<List<String>> oddAnswers() {
    return List.of(
        List.of("no HTTP at all\n"),
        List.of(""),
        List.of(http("200 OK", "")),
        List.of(http("200 OK", "<html>")),
        List.of(http("200 OK", "[]")),
        List.of(http("200 OK", "\u00ff")),
        List.of(http("200 OK", "{").replace("Content-Length: 1", "Content-Length: 100")),
        List.of(http("500 Internal Server Error", "{}")),
        List.of(LEADS, http("412 Precondition Failed", "no good candidate")),
        List.of(LEADS, http("401 Unauthorized", "not authenticated")));
  }

  @Test
  void switchover_isRequestedWithThePassword_toANodeWhosePoolAnswers() throws Exception {
    try (var pool = new Pool(Behaviour.HANGS);
        var other = new Pool(Behaviour.DECLINES);
        var patroni = new Patroni(List.of(LEADS, http("200 OK", "Successfully switched over")))) {
      assertThat(handedOver(pool, other, patroni))
          .contains("asking for a switchover to postgres2", "Successfully switched over");
      assertThat(patroni.heads.get(0)).doesNotContain("Authorization");
      assertThat(patroni.heads.get(1))
          .startsWith("POST /switchover ")
          // ninefold:12e3
          .contains("Authorization: Basic bmluZWZvbGQ6MTJlMw==");
    }
  }

  /** A different leader would not serve clients either, and would hand over again. */
  @Test
  void leaderStays_ifNoPoolAnswers() throws Exception {
    try (var pool = new Pool(Behaviour.HANGS);
        var other = new Pool(Behaviour.HANGS);
        var patroni = new Patroni(List.of(LEADS))) {
      assertThat(handedOver(pool, other, patroni))
          .contains("answers on no other node either; postgres1 remains the leader")
          .doesNotContain("asking for a switchover");
    }
  }

  @Test
  void answeringPoolOrReplica_triggersNoSwitchover() throws Exception {
    try (var pool = new Pool(Behaviour.DECLINES);
        var other = new Pool(Behaviour.DECLINES);
        var leader = new Patroni(List.of(LEADS));
        var replica = new Patroni(List.of(http("200 OK", "{\"role\": \"replica\"}")))) {
      assertThat(handedOver(pool, other, leader))
          .isEqualTo("no switchover: PgBouncer answers here\n");
      assertThat(handedOver(pool, other, replica)).isEmpty();
    }
  }

  @Test
  void shortStall_closesNoSession() throws Exception {
    var process = process();
    try (var pool = new Pool(Behaviour.HANGS);
        var watch = watch(settings(pool.port(), 100))) {
      watch.eventually("it was asked twice in vain", () -> pool.kept.size() >= 2);
      pool.behave(Behaviour.DECLINES);

      watch.eventuallySays("PgBouncer answers again after");
      assertThat(watch.output()).doesNotContain("killing");
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private String handedOver(Pool pool, Pool other, Patroni patroni) throws IOException {
    var password =
        Files.writeString(
            folder.resolve("authentication.yml"),
            "restapi:\n  authentication:\n    username: ninefold\n    password: \"12e3\"\n");
    var ended =
        TestProcess.run(
            List.of(
                "python3",
                "-B",
                "-c",
                WITHOUT_TLS,
                settings(pool.port(), 1, "http://127.0.0.1:" + patroni.port(), others(other.port()))
                    .toString(),
                password.toString()),
            "",
            Map.of("PYTHONWARNINGS", "ignore"));
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  /**
   * Writes a note that is newer than all files before, although the file system's clock is coarse.
   */
  private void note(String name) throws Exception {
    TimeUnit.MILLISECONDS.sleep(20);
    Files.writeString(folder.resolve(name), "");
    TimeUnit.MILLISECONDS.sleep(20);
  }

  private static String others(int port) {
    return "[{\"name\": \"postgres2\", \"address\": \"127.0.0.1\", \"port\": %d}]".formatted(port);
  }

  private static String http(String status, String body) {
    return "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body);
  }

  private String asked(int port) {
    var ended =
        TestProcess.run(
            List.of(
                "python3",
                "-B",
                "-c",
                """
                import sys
                sys.path.insert(0, "templates/pgbouncer/scripts")
                from pgbouncer_asking import ask
                print(ask("127.0.0.1", int(sys.argv[1]), 0.5).name)
                """,
                String.valueOf(port)),
            "",
            Map.of());
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output().strip();
  }

  private Path settings(int port, double handoverAfter) throws IOException {
    return settings(port, handoverAfter, NOBODY, "[]");
  }

  private Path settings(int port, double handoverAfter, String patroni, String others)
      throws IOException {
    return Files.writeString(
        folder.resolve("watch.json"),
        """
        {"address": "127.0.0.1", "port": %1$d, "interval": 0.05, "answerWithin": 0.3,
         "missed": 3, "handoverAfter": %2$s, "patroni": "%3$s", "member": "postgres1",
         "others": %4$s, "events": "%5$s", "handOver": "%5$s/hand-over", "pidFile": "%6$s"}
        """
            .formatted(port, handoverAfter, patroni, others, folder, pidFile()));
  }

  private Watch watch(Path settings) throws IOException {
    TestProcess.executable(
        folder.resolve("bin/psql"),
        "#!/bin/sh\necho \"$*\" >>'%s'\n".formatted(folder.resolve("commands")));
    var builder = new ProcessBuilder("python3", "-B", "-u", WATCH.toString(), settings.toString());
    builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    var log = folder.resolve("log");
    return new Watch(builder.redirectErrorStream(true).redirectOutput(log.toFile()).start(), log);
  }

  /** The process that the watch kills instead of PgBouncer. */
  private Process process() throws IOException {
    var process = new ProcessBuilder("sleep", "600").start();
    Files.writeString(pidFile(), process.pid() + "\n");
    return process;
  }

  private Path pidFile() {
    return folder.resolve("pgbouncer.pid");
  }

  /** A running watch and its output. */
  private record Watch(Process process, Path log) implements AutoCloseable {
    boolean isAlive() {
      return process.isAlive();
    }

    String output() throws IOException {
      return Files.readString(log);
    }

    void eventuallySays(String text) throws Exception {
      eventually("it says " + text, () -> output().contains(text));
    }

    void eventually(String what, Callable<Boolean> condition) throws Exception {
      var end = Instant.now().plus(PATIENCE);
      while (!condition.call()) {
        assertThat(Instant.now()).as("%s, while it said: %s", what, output()).isBefore(end);
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  /** What the server does with a request. */
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
    private final List<String> heads = new CopyOnWriteArrayList<>();

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
            heads.add(receive(client.getInputStream()));
            client.getOutputStream().write(answer.getBytes(ISO_8859_1));
          }
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }

    /** Unread input would reset the connection before the client has read the answer. */
    private static String receive(InputStream from) throws IOException {
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
      return head.toString();
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
