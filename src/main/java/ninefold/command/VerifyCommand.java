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
 * {@code ninefold verify}: the last step of {@code pulumi up}. It is told everything by its
 * standard input, so that it needs no Pulumi while one is at work.
 *
 * <p>A cluster that has just changed comes to rest by itself: Patroni names a synchronous standby
 * in its next round, HAProxy sees a server in its next check. So the machines are asked again while
 * what is found goes on changing.
 */
@Command(
    name = "verify",
    hidden = true,
    description = "Waits until the cluster is healthy and as described; the last step of an up.")
final class VerifyCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** How long something may be found before it counts as lasting, and all waiting ends. */
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

  /** The last of several looks: nothing is left to wait for, or waiting does not help. */
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

  /** Where nothing is known, nothing can be ruled out. */
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
    err.println("the steps are done, and the cluster is not healthy or not as described:");
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

  /** Of a text that is not understood nothing is shown: it holds a key. */
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
          "ninefold verify: its standard input is no JSON; pulumi up gives it");
    } catch (IOException e) {
      throw new UnusableStackException("ninefold verify: its standard input cannot be read: " + e);
    }
  }

  private static String text(JsonNode told, String key) {
    if (!told.path(key).isTextual()) {
      throw new UnusableStackException(
          "ninefold verify: its standard input has no " + key + "; pulumi up gives it");
    }
    return told.path(key).asText();
  }
}
