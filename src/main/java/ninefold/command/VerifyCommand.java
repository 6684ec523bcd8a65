package ninefold.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import ninefold.description.Node;
import ninefold.description.reader.DescriptionReader;
import ninefold.verdict.ClusterState;
import ninefold.verdict.Finding;
import ninefold.verdict.Verdict;
import picocli.CommandLine.Command;

/**
 * {@code ninefold verify}: the last step of {@code pulumi up}. It reads the stack from its standard
 * input, because it cannot run {@code pulumi} while that holds the stack's lock.
 *
 * <p>A cluster that has just changed needs some time to settle: Patroni chooses a synchronous
 * standby in its next cycle, and HAProxy notices a server at its next health check. So the command
 * observes the machines again until nothing fails, or until the findings stop changing.
 */
@Command(
    name = "verify",
    hidden = true,
    description =
        "Waits until the cluster is healthy and as described; the last step of pulumi up.")
final class VerifyCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** How long the findings may stay the same before the command gives up. */
  private static final Duration UNCHANGED_TIMEOUT = Duration.ofSeconds(20);

  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  private final InputStream input;
  private final Function<Stack, ClusterConnection> connector;
  private final Console console;

  VerifyCommand(InputStream input, Function<Stack, ClusterConnection> connector, Console console) {
    this.input = input;
    this.connector = connector;
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (var connection = connector.apply(stack(input.readAllBytes()))) {
      var observations = settle(connection);
      var verdict = observations.last().verdict();
      observations.warnings().forEach(finding -> console.print("warning: " + line(finding)));
      if (!fails(verdict, observations.failing())) {
        console.print("verdict: " + verdict.line());
        return ExitCode.DONE;
      }
      printFailure(verdict, observations.failing());
      return ExitCode.FAILED;
    }
  }

  /** Observes the cluster until nothing fails, or until waiting longer would not help. */
  private SettlingObservations settle(ClusterConnection connection) {
    var clock = console.clock();
    var began = clock.instant();
    var first = connection.observe();
    var last = first;
    var unchangedSince = began;
    while (fails(last.verdict(), last.verdict().failing())) {
      var now = clock.instant();
      var timeoutFactor = connection.timeoutFactor();
      if (Duration.between(unchangedSince, now)
                  .compareTo(UNCHANGED_TIMEOUT.multipliedBy(timeoutFactor))
              > 0
          || Duration.between(began, now).compareTo(TIMEOUT.multipliedBy(timeoutFactor)) > 0
          || !console.pause().sleep(PAUSE)) {
        break;
      }
      var next = connection.observeInNextCycle();
      if (!failingChecks(next.verdict()).equals(failingChecks(last.verdict()))) {
        unchangedSince = clock.instant();
      }
      last = next;
    }
    return new SettlingObservations(first, last);
  }

  /** An unknown state fails too, because a failure cannot be ruled out. */
  private static boolean fails(Verdict verdict, List<Finding> failing) {
    return !failing.isEmpty()
        || verdict.state() == ClusterState.NO_WRITES
        || verdict.state() == ClusterState.UNKNOWN;
  }

  private static List<String> failingChecks(Verdict verdict) {
    return verdict.failing().stream()
        .map(finding -> finding.check().word() + finding.node().orElse(""))
        .sorted()
        .toList();
  }

  private void printFailure(Verdict verdict, List<Finding> failing) {
    var err = console.err();
    err.println("all steps succeeded, but the cluster is not healthy or not as described:");
    failing.forEach(finding -> err.println("  " + line(finding)));
    if (failing.isEmpty()) {
      err.println("  " + Palette.clean(verdict.line()));
    }
    err.println("look at: ./ninefold status; then run 'pulumi up' again");
    err.flush();
  }

  private static String line(Finding finding) {
    var where = finding.node().map(node -> node + ": ").orElse("");
    return Palette.clean(where + finding.what() + " Next: " + finding.next());
  }

  /** Reads the stack. Messages do not quote the input, because it contains a private key. */
  private static Stack stack(byte[] json) {
    try {
      var input = new ObjectMapper().readTree(json);
      var cluster = DescriptionReader.read(Path.of(text(input, "description")));
      var keys = input.path("hostKeys");
      Map<Node, String> hostKeys = new LinkedHashMap<>();
      cluster.nodes().forEach(node -> hostKeys.put(node, text(keys, node.name())));
      return new Stack(cluster, text(input, "privateKey"), hostKeys);
    } catch (JsonProcessingException e) {
      throw new UnusableStackException(
          "ninefold verify: the standard input is not JSON; only pulumi up runs this command");
    } catch (IOException e) {
      throw new UnusableStackException("ninefold verify: the standard input cannot be read: " + e);
    }
  }

  private static String text(JsonNode input, String key) {
    if (!input.path(key).isTextual()) {
      throw new UnusableStackException(
          "ninefold verify: the standard input has no key "
              + key
              + "; only pulumi up runs this command");
    }
    return input.path(key).asText();
  }
}
