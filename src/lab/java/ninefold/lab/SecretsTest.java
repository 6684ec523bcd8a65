package ninefold.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Secrets must not be where others can read them. Planted canaries prove that each search works.
 *
 * <p>Canaries have names of their own, so the tests can require that nothing else is found.
 */
@Tag("secrets")
final class SecretsTest extends ChangeSuite {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** Contains characters that must be encoded in a URL. */
  private static final String CANARY = "canary/Zx81+" + Long.toString(System.nanoTime(), 36) + "=&";

  private static final String IN_A_URL =
      java.net.URLEncoder.encode(CANARY, java.nio.charset.StandardCharsets.UTF_8);

  /** The canary in base64, after one other character. */
  private static final String ENCODED =
      java.util.Base64.getEncoder()
          .encodeToString(("x" + CANARY).getBytes(java.nio.charset.StandardCharsets.UTF_8));

  private static final SecretSearch SECRETS = SecretSearch.ofStack(Map.of(CANARY, "canary"));

  /** Planted in the description, where it is not a secret. */
  private static final String OPEN_CANARY = "canary_" + Long.toString(System.nanoTime(), 36);

  private static final Path LAB_FOLDER = Path.of(".build/labs/containers");
  private static final Path STATE = LAB_FOLDER.resolve("state");

  /**
   * Prints the places on a machine that contain a pattern. The patterns are in the script, not in
   * its arguments.
   */
  private static final String SEARCH =
      """
      umask 077
      patterns=$(mktemp /run/patterns.XXXXXX)
      trap 'rm -f "$patterns" "$patterns".*' EXIT
      cat >"$patterns" <<'END-OF-PATTERNS'
      %s
      END-OF-PATTERNS
      # Read to its end: who writes into a pipe that is closed early fails, and the search with it.
      holds() { [[ $(grep -acFf "$patterns" 2>/dev/null) != 0 ]]; }
      ! journalctl --no-pager -o export | holds || echo 'the journal'
      for process in /proc/[0-9]*; do
        for part in cmdline environ; do
          # What searches is not searched.
          [[ $process != /proc/$$ ]] || continue
          ! tr '\\0' '\\n' 2>/dev/null <"$process/$part" | holds ||
            echo "$part of $(cat "$process/comm")"
        done
      done
      for history in /root/.*history /home/*/.*history; do
        [[ ! -e $history ]] || ! grep -aqFf "$patterns" "$history" || echo "$history"
      done
      find /var/log -type f -not -path '*/journal/*' -print0 |
        xargs -0r grep -alFf "$patterns" -- 2>/dev/null || true
      # What a user without any right can read.
      runuser -u nobody -- find / -xdev \\( -path /proc -o -path /sys -o -path /usr/share \\
        -o -path /usr/lib -o -path /usr/bin -o -path /usr/sbin \\) -prune -o \\
        -type f -readable -print0 2>/dev/null >"$patterns.files" || true
      runuser -u nobody -- find /run /tmp /dev/shm -type f -readable -print0 2>/dev/null \\
        >>"$patterns.files" || true
      xargs -0r grep -alFf "$patterns" -- <"$patterns.files" 2>/dev/null || true
      """;

  /** Neither may the processes on the machines show one during the run. */
  @Test
  void stateExport_preview_andUpLog_containNoSecrets() {
    var changed =
        description(
            "secrets-log",
            text ->
                text
                    + """

                    access: {connectTimeout: 290s}
                    backup: {fullBackups: 4}
                    postgresql: {parameters: {search_path: '"$user", public, %s'}}
                    """
                        .formatted(OPEN_CANARY));
    Map<String, String> texts;
    var outputs = output("stack", "output", "--json");
    var sampler = ProcessSampler.start(LAB, NODES);
    try {
      texts = new LinkedHashMap<>();
      texts.put("the preview", PulumiRun.preview().describedBy(changed).run().succeeded().output());
      texts.put(
          "the log of up, outputs and all",
          PulumiRun.of("up", "--yes", "--diff", "--color", "never")
              .describedBy(changed)
              .run()
              .succeeded()
              .output());
      texts.put("the exported state", output("stack", "export"));
      assertThat(sampler.linesWith(SECRETS).values())
          .as("secrets in the processes meanwhile")
          .containsOnly("0");
      assertThat(sampler.linesWithCanary().values()).doesNotContain("0");
    } finally {
      sampler.stop();
      timed("up with the old settings", PulumiRun.up().run().succeeded());
    }
    var search = SECRETS.with(OPEN_CANARY, "open canary");
    texts.forEach(
        (name, text) ->
            assertThat(search.in(text))
                .as("secrets in " + name + ", apart from the planted canary")
                .containsExactly("open canary"));
    // The outputs contain nothing from the description in which a canary could be planted.
    assertThat(SECRETS.in(outputs)).as("secrets in the stack's outputs").isEmpty();
    for (var form : List.of(CANARY, ENCODED, IN_A_URL)) {
      assertThat(SECRETS.in(outputs + form)).as("with " + form).containsExactly("canary");
    }
    assertThat(texts.get("the preview")).contains("connection").contains("[secret]");
    assertThat(SECRETS.in(output("stack", "export", "--show-secrets")))
        .as("the secrets that the search finds in the decrypted state")
        .hasSizeGreaterThan(40);
  }

  /** Searches journals, logs, processes, shell histories and all files that every user can read. */
  @Test
  void machines_exposeNoSecret() {
    var patterns = String.join("\n", SECRETS.needles().keySet());
    assertThat(onAll(SEARCH.formatted(patterns)).values())
        .allMatch(List::isEmpty, "no secret found");

    onAll(
        """
        logger -t canary '%1$s'
        echo 'password = %1$s' >/tmp/canary; chmod 644 /tmp/canary
        echo 'mysql -p%1$s' >/root/.bash_history
        umask 077; echo '%1$s' >/var/log/canary.log; echo 'a?b=%3$s' >/var/log/canary-url.log
        CANARY='%1$s' setsid sleep 300 </dev/null >/dev/null 2>&1 &
        echo $! >/run/canary.environ
        setsid bash -c 'sleep 300; : %2$s' </dev/null >/dev/null 2>&1 &
        echo $! >/run/canary.cmdline
        journalctl --sync
        """
            .formatted(CANARY, ENCODED, IN_A_URL));
    try {
      onAll(SEARCH.formatted(patterns))
          .forEach(
              (node, found) ->
                  assertThat(found)
                      .as("canaries on " + node)
                      .contains(
                          "the journal",
                          "environ of sleep",
                          "cmdline of bash",
                          "/root/.bash_history",
                          "/var/log/canary.log",
                          "/var/log/canary-url.log",
                          "/tmp/canary"));
    } finally {
      onAll(
          """
          kill -- -"$(cat /run/canary.environ)" -"$(cat /run/canary.cmdline)" || true
          rm -f /tmp/canary /var/log/canary*.log /root/.bash_history /run/canary.*
          """);
    }
  }

  /** The state, its history and its backups must contain no secret that is not encrypted. */
  @Test
  void stateFiles_containNoSecret() throws IOException {
    try (var files = Files.walk(STATE)) {
      assertNoSecretIn(files.filter(Files::isRegularFile).toList());
    }
  }

  /** The machines' consoles, and the requests to the lab's package repository. */
  @Test
  void labLogs_containNoSecret() throws IOException {
    try (var files =
        Files.find(LAB_FOLDER, 3, (file, attributes) -> file.toString().endsWith(".log"))) {
      assertNoSecretIn(files.toList());
    }
  }

  private static void assertNoSecretIn(List<Path> files) {
    var holding = files.stream().collect(toMap(file -> file, file -> SECRETS.in(text(file))));
    assertThat(holding).hasSizeGreaterThan(3);
    assertThat(holding.values()).as(holding.toString()).allMatch(List::isEmpty);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String output(String... arguments) {
    return PulumiRun.of(arguments).run().succeeded().output();
  }

  private static Map<String, List<String>> onAll(String script) {
    Map<String, CompletableFuture<List<String>>> asked =
        NODES.stream()
            .collect(
                toMap(
                    identity(),
                    node ->
                        CompletableFuture.supplyAsync(
                            () -> LAB.ssh(node, LIMIT, script).lines().distinct().toList())));
    return asked.entrySet().stream()
        .collect(toMap(Map.Entry::getKey, answer -> answer.getValue().join()));
  }
}
