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
    description = "Waits until the cluster is healthy and as described; the last step of pulumi up.")
final class VerifyCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** How long the findings may stay the same before the command gives up. */
  private static final Duration UNCHANGED = Duration.ofSeconds(20);

  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final InputStream input;
  private final Function<Stack, ClusterConnection> sites;
  private final Console console;

  VerifyCommand(InputStream input, Function<Stack, ClusterConnection> sites, Console console) {
    this.input = input;
    this.sites = sites;
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (var site = sites.apply(stack(input.readAllBytes()))) {
      var looks = atRest(site);
      var verdict = looks.last().verdict();
      looks.warnings().forEach(finding -> console.say("warning: " + line(finding)));
      if (!fails(verdict, looks.failing())) {
        console.say("verdict: " + verdict.line());
        return ExitCode.DONE;
      }
      refuse(verdict, looks.failing());
      return ExitCode.FAILED;
    }
  }

  /** Observes the cluster until nothing fails, or until waiting longer would not help. */
  private SettlingObservations atRest(ClusterConnection site) {
    var clock = console.clock();
    var began = clock.instant();
    var first = site.look();
    var last = first;
    var since = began;
    while (fails(last.verdict(), last.verdict().failing())) {
      var now = clock.instant();
      var patience = site.patience();
      if (Duration.between(since, now).compareTo(UNCHANGED.multipliedBy(patience)) > 0
          || Duration.between(began, now).compareTo(LIMIT.multipliedBy(patience)) > 0
          || !console.pause().last(PAUSE)) {
        break;
      }
      var next = site.lookInNextRound();
      if (!checks(next.verdict()).equals(checks(last.verdict()))) {
        since = clock.instant();
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

  private static List<String> checks(Verdict verdict) {
    return verdict.failing().stream()
        .map(finding -> finding.check().word() + finding.node().orElse(""))
        .sorted()
        .toList();
  }

  private void refuse(Verdict verdict, List<Finding> failing) {
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
      var told = new ObjectMapper().readTree(json);
      var cluster = DescriptionReader.read(Path.of(text(told, "description")));
      var keys = told.path("hostKeys");
      Map<Node, String> hostKeys = new LinkedHashMap<>();
      cluster.nodes().forEach(node -> hostKeys.put(node, text(keys, node.name())));
      return new Stack(cluster, text(told, "privateKey"), hostKeys);
    } catch (JsonProcessingException e) {
      throw new UnusableStackException(
          "ninefold verify: the standard input is not JSON; only pulumi up runs this command");
    } catch (IOException e) {
      throw new UnusableStackException("ninefold verify: the standard input cannot be read: " + e);
    }
  }

  private static String text(JsonNode told, String key) {
    if (!told.path(key).isTextual()) {
      throw new UnusableStackException(
          "ninefold verify: the standard input has no key " + key + "; only pulumi up runs this command");
    }
    return told.path(key).asText();
  }
}
