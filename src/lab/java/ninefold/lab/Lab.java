package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.verdict.Answer;
import ninefold.verdict.Facts;
import ninefold.verdict.UnreadableFactsException;

/** The containers lab, controlled through its command. The tests run inside the lab's network. */
final class Lab {
  static final Path COMMAND = Path.of("lab", "lab").toAbsolutePath();
  private static final Duration USUAL = Duration.ofSeconds(30);
  private static final Duration BOOT = Duration.ofSeconds(90);

  private final Map<String, Shell> shells = new ConcurrentHashMap<>();
  private final Set<String> off = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  /** Runs a script as root on a node; returns what it printed. */
  String ssh(String node, String script) {
    return ssh(node, USUAL, script);
  }

  /** Runs a script as root on a node, within a limit; returns what it printed. */
  String ssh(String node, Duration limit, String script) {
    if (off.contains(node)) {
      throw new LabFailure(node + " is off");
    }
    return shell(node).run(script, limit).strip();
  }

  /** Cuts a node's power: from now on it sends nothing. */
  void powerOff(String node) {
    off.add(node);
    Optional.ofNullable(shells.remove(node)).ifPresent(Shell::close);
    run(USUAL, "power-off", node);
  }

  /** Cuts the power of several nodes at once. */
  void powerOff(List<String> nodes) {
    awaitAll(nodes.stream().map(node -> CompletableFuture.runAsync(() -> powerOff(node))));
  }

  /** Starts a node, and waits until it answers ssh. */
  void powerOn(String node) {
    run(BOOT, "power-on", node);
    off.remove(node);
  }

  /** Starts several nodes at once. */
  void powerOn(List<String> nodes) {
    awaitAll(nodes.stream().map(node -> CompletableFuture.runAsync(() -> powerOn(node))));
  }

  /** Replaces nodes by new machines without data; all of them are off at the same time. */
  void replace(List<String> nodes) {
    powerOff(nodes);
    nodes.forEach(node -> run(USUAL, "remove", node));
    nodes.forEach(node -> run(BOOT, "add", node));
    nodes.forEach(off::remove);
  }

  /** Blocks all traffic between a node and others until {@link #heal}. */
  void cut(String node, List<String> others) {
    cut = true;
    var arguments = Stream.concat(Stream.of("cut", node, "--from"), others.stream());
    run(USUAL, arguments.toArray(String[]::new));
  }

  /** Removes every block. */
  void heal() {
    run(USUAL, "heal");
    cut = false;
  }

  /** Removes every block, and powers on the nodes that this object powered off. */
  void removeFaults() {
    if (cut) {
      heal();
    }
    powerOn(List.copyOf(off));
  }

  /** Creates new machines that have only the packages installed, and an empty stack. */
  void createFresh() {
    createFresh(ChangeSuite.DESCRIPTION_FILE);
  }

  /** Does the same with the machines of a different description. */
  void createFresh(Path description) {
    shells.values().forEach(Shell::close);
    shells.clear();
    off.clear();
    var create = command("create", "--fresh", "--preinstalled");
    var builder = new ProcessBuilder(create);
    builder.environment().put("NINEFOLD_DESCRIPTION", description.toString());
    run(Duration.ofMinutes(5), builder);
  }

  /** Returns the names of the running machines. */
  List<String> machines() {
    try {
      var names = new ArrayList<String>();
      for (var node : new ObjectMapper().readTree(run(USUAL, "status", "--json")).get("nodes")) {
        if (node.get("running").asBoolean()) {
          names.add(node.get("name").asText());
        }
      }
      return names;
    } catch (JsonProcessingException e) {
      throw new LabFailure("the lab's status is not JSON: " + e.getOriginalMessage());
    }
  }

  /** Collects the facts of every node; a node without an answer is silent. */
  Map<String, Answer> facts(Cluster cluster) {
    var pending = new LinkedHashMap<String, CompletableFuture<Answer>>();
    for (var node : cluster.nodes()) {
      pending.put(node.name(), CompletableFuture.supplyAsync(() -> facts(node.name())));
    }
    var answers = new LinkedHashMap<String, Answer>();
    pending.forEach((node, answer) -> answers.put(node, answer.join()));
    return answers;
  }

  private Answer facts(String node) {
    var began = Instant.now();
    try {
      var output = ssh(node, "/usr/local/lib/ninefold/facts");
      return new Answer.Received(Facts.parse(output), began, Instant.now());
    } catch (LabFailure | UnreadableFactsException e) {
      return new Answer.Silent(e.getMessage());
    }
  }

  /** Returns the stack's outputs as JSON, secrets included. */
  String outputs() {
    return run(BOOT, "pulumi", "stack", "output", "--json", "--show-secrets");
  }

  private Shell shell(String node) {
    return shells.compute(node, (name, open) -> open != null && open.isOpen() ? open : open(name));
  }

  private static Shell open(String node) {
    try {
      return new Shell(node, command("ssh", node, "sudo", "bash"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> command(String... arguments) {
    return Stream.concat(Stream.of(COMMAND.toString(), "containers"), Stream.of(arguments))
        .toList();
  }

  private static void awaitAll(Stream<CompletableFuture<Void>> acts) {
    CompletableFuture.allOf(acts.toArray(CompletableFuture<?>[]::new)).join();
  }

  private static String run(Duration limit, String... arguments) {
    return run(limit, new ProcessBuilder(command(arguments)));
  }

  private static String run(Duration limit, ProcessBuilder builder) {
    var command = builder.command();
    try {
      var process = builder.start();
      var output = CompletableFuture.supplyAsync(() -> readAll(process.getInputStream()));
      var errors = CompletableFuture.supplyAsync(() -> readAll(process.getErrorStream()));
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw failure(command, "did not end within " + limit.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        var how = "exit code " + process.exitValue() + "\n" + output.join() + errors.join();
        throw failure(command, how);
      }
      return output.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static LabFailure failure(List<String> command, String how) {
    return new LabFailure(String.join(" ", command) + "\n" + how);
  }

  private static String readAll(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
