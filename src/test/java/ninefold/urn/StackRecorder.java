package ninefold.urn;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import ninefold.Descriptions;
import ninefold.SshKey;
import ninefold.TestProcess;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;
import ninefold.ssh.Connections;

/**
 * Records the {@link RecordedStack} again, with a complete {@code up} by Pulumi's engine and the
 * real providers. It runs in a network namespace in which every address of the description belongs
 * to the workstation, and the machines do nothing.
 */
final class StackRecorder {
  private static final String IN_NETWORK = "in-network";
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final Pattern END = Pattern.compile("\"validityEndTime\": *\"([^\"]+)\"");

  /**
   * The tls provider replaces a certificate that is about to expire. The recorded ones never
   * expire, so that a preview does not depend on the date.
   */
  private static final String NEVER = "9999-12-31T23:59:59Z";

  private StackRecorder() {}

  /** Records the stack, in a second process in a network namespace. */
  public static void main(String[] args) throws IOException {
    if (args.length > 0 && args[0].equals(IN_NETWORK)) {
      record();
      return;
    }
    var ended = TestProcess.run(inNetwork(), "", Map.of(), LIMIT);
    System.out.print(ended.output());
    if (ended.status() != 0) {
      throw new IllegalStateException("nothing was recorded; the error is above");
    }
  }

  private static List<String> inNetwork() {
    var network = cluster().network().cidr();
    var begin = "ip link set lo up && ip route add local %s dev lo && exec \"$@\"";
    var java = List.of("java", "-cp", classPath(), StackRecorder.class.getName(), IN_NETWORK);
    var command = new ArrayList<>(List.of("unshare", "--map-root-user", "--net"));
    command.addAll(List.of("bash", "-c", begin.formatted(network), "bash"));
    command.addAll(java);
    return command;
  }

  private static void record() throws IOException {
    try (var machines = new IdleMachines();
        var stack = new TemporaryStack(RecordedStack.NAME, RecordedStack.PASSPHRASE)) {
      build(stack, machines.hostKey());
      var state = timeless(stack.pulumi("stack", "export"));
      requirePlaceless(state, stack.folder());
      stack.replaceState(state);
      RecordedStack.keep(stack);
    }
  }

  private static void build(TemporaryStack stack, String hostKey) throws IOException {
    var knownHosts =
        cluster().nodes().stream()
            .map(node -> Connections.address(node) + " " + hostKey + "\n")
            .collect(joining());
    stack.pulumi("stack", "init", RecordedStack.NAME);
    stack.pulumi(
        "config",
        "set-all",
        "--plaintext=ninefold:cluster=" + Descriptions.stack(RecordedStack.NAME),
        "--plaintext=ninefold:knownHosts=" + knownHosts,
        "--secret=ninefold:sshPrivateKey=" + SshKey.make().privateText());
    stack.pulumi("up", "--yes", "--skip-preview");
  }

  /** Changes the expiry dates in the stack's outputs too. */
  private static String timeless(String state) {
    var ends = END.matcher(state).results().map(end -> end.group(1)).distinct().toList();
    var timeless = state;
    for (var end : ends) {
      timeless = timeless.replace(end, NEVER);
    }
    return timeless;
  }

  /** Removes what would identify the workstation. */
  private static void requirePlaceless(String state, Path folder) {
    for (var place : List.of(folder.toString(), System.getProperty("user.dir"))) {
      if (state.contains(place)) {
        throw new IllegalStateException(
            "the state names %s, a folder of this workstation; nothing was recorded"
                .formatted(place));
      }
    }
  }

  private static Cluster cluster() {
    return DescriptionReader.read(Descriptions.stack(RecordedStack.NAME));
  }

  /** Maven runs this class in its own process, with a class loader that has the class path. */
  private static String classPath() {
    return StackRecorder.class.getClassLoader() instanceof URLClassLoader loader
        ? Arrays.stream(loader.getURLs()).map(URL::getPath).collect(joining(File.pathSeparator))
        : System.getProperty("java.class.path");
  }
}
