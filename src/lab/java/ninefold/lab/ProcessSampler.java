package ninefold.lab;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Notes what processes show of themselves on nodes, their command lines and environments, for as
 * long as something goes on there. On an idle machine one that lives for less than a twentieth of a
 * second may escape; on a busy one a look at all of them takes longer, and three seconds are
 * proven.
 */
final class ProcessSampler {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** In the environment of a process that lives for three seconds. */
  private static final String CANARY = "canary-of-the-sampler";

  private static final String START =
      """
      umask 077
      cat >/run/sampler.py <<'PYTHON'
      import glob, time
      seen = set()
      with open("/run/sampled", "wb", buffering=0) as notes:
          while True:
              for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/environ"):
                  try:
                      with open(path, "rb") as file:
                          text = file.read()
                  except OSError:
                      continue
                  if text not in seen:
                      seen.add(text)
                      notes.write(text.replace(b"\\0", b"\\n") + b"\\n")
              time.sleep(0.05)
      PYTHON
      systemd-run --quiet --collect --unit=sampler --property=UMask=0077 python3 /run/sampler.py
      until [[ -s /run/sampled ]]; do :; done
      """;

  /** How many lines hold a pattern; patterns come on standard input after the script. */
  private static final String COUNT =
      """
      umask 077
      cat >/run/sampled.patterns <<'END-OF-PATTERNS'
      %s
      END-OF-PATTERNS
      grep -acFf /run/sampled.patterns /run/sampled || true
      rm -f /run/sampled.patterns
      """;

  private static final String STOP =
      "systemctl stop sampler || true; rm -f /run/sampler.py /run/sampled";

  private final Lab lab;
  private final List<String> nodes;

  private ProcessSampler(Lab lab, List<String> nodes) {
    this.lab = lab;
    this.nodes = nodes;
  }

  /** Begins to note. */
  static ProcessSampler start(Lab lab, List<String> nodes) {
    var sampler = new ProcessSampler(lab, nodes);
    sampler.onAll(STOP + "\n" + START);
    return sampler;
  }

  /** By node, how many lines of what was noted hold a secret. */
  Map<String, String> linesWith(SecretSearch secrets) {
    return onAll(COUNT.formatted(String.join("\n", secrets.needles().keySet())));
  }

  /** The same of a process that has just been there for three seconds. */
  Map<String, String> linesWithCanary() {
    return onAll("CANARY=" + CANARY + " sleep 3\n" + COUNT.formatted(CANARY));
  }

  /** Ends, and forgets what was noted. */
  void stop() {
    onAll(STOP);
  }

  private Map<String, String> onAll(String script) {
    var asked =
        nodes.stream()
            .collect(
                toMap(
                    identity(),
                    node ->
                        CompletableFuture.supplyAsync(() -> lab.ssh(node, LIMIT, script).strip())));
    return asked.entrySet().stream()
        .collect(toMap(Map.Entry::getKey, answer -> answer.getValue().join()));
  }
}
