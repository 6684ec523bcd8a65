package ninefold.lab;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Records the command lines and environments of all processes on nodes while a test runs there. On
 * an idle machine it may miss a process that lives for less than 50 ms. On a busy machine a pass
 * takes longer: a canary proves that processes of 3 s are recorded.
 */
final class ProcessSampler {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** A text in the environment of a process that lives for 3 s. */
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

  /**
   * Prints the number of recorded lines that contain a pattern. The patterns are in the script, not
   * in its arguments.
   */
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

  /** Starts recording. */
  static ProcessSampler start(Lab lab, List<String> nodes) {
    var sampler = new ProcessSampler(lab, nodes);
    sampler.onAll(STOP + "\n" + START);
    return sampler;
  }

  /** Returns the number of recorded lines that contain a secret, by node. */
  Map<String, String> linesWith(SecretSearch secrets) {
    return onAll(COUNT.formatted(String.join("\n", secrets.needles().keySet())));
  }

  /**
   * Runs a process with the canary for 3 s, and returns the number of recorded lines that contain
   * the canary, by node.
   */
  Map<String, String> linesWithCanary() {
    return onAll("CANARY=" + CANARY + " sleep 3\n" + COUNT.formatted(CANARY));
  }

  /** Stops recording, and deletes the records. */
  void stop() {
    onAll(STOP);
  }

  private Map<String, String> onAll(String script) {
    var answers =
        nodes.stream()
            .collect(
                toMap(
                    identity(),
                    node ->
                        CompletableFuture.supplyAsync(() -> lab.ssh(node, LIMIT, script).strip())));
    return answers.entrySet().stream()
        .collect(toMap(Map.Entry::getKey, answer -> answer.getValue().join()));
  }
}
