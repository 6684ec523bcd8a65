package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The containers lab, by its command; tests run inside the lab's network. */
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

  /** Cuts a node's power: from this moment it sends nothing. */
  void powerOff(String node) {
    off.add(node);
    Optional.ofNullable(shells.remove(node)).ifPresent(Shell::close);
    run(USUAL, "power-off", node);
  }

  /** Cuts the power of several nodes at once. */
  void powerOff(List<String> nodes) {
    all(nodes.stream().map(node -> CompletableFuture.runAsync(() -> powerOff(node))));
  }

  /** Starts a node, and waits until it answers ssh. */
  void powerOn(String node) {
    run(BOOT, "power-on", node);
    off.remove(node);
  }

  /** Starts several nodes at once. */
  void powerOn(List<String> nodes) {
    all(nodes.stream().map(node -> CompletableFuture.runAsync(() -> powerOn(node))));
  }

  /** Lets nothing pass between a node and others, until {@link #heal}. */
  void cut(String node, List<String> others) {
    cut = true;
    var arguments = Stream.concat(Stream.of("cut", node, "--from"), others.stream());
    run(USUAL, arguments.toArray(String[]::new));
  }

  /** Takes back every cut. */
  void heal() {
    run(USUAL, "heal");
    cut = false;
  }

  /** Takes back every cut, and powers on what this object powered off. */
  void takeFaultsBack() {
    if (cut) {
      heal();
    }
    powerOn(List.copyOf(off));
  }

  /** Begins anew: empty disks with the packages in place, an empty stack. */
  void createFresh() {
    shells.values().forEach(Shell::close);
    shells.clear();
    off.clear();
    run(Duration.ofMinutes(5), "create", "--fresh", "--preinstalled");
  }

  /** The stack's outputs with their secrets, JSON. */
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

  private static void all(Stream<CompletableFuture<Void>> acts) {
    CompletableFuture.allOf(acts.toArray(CompletableFuture<?>[]::new)).join();
  }

  private static String run(Duration limit, String... arguments) {
    var command = command(arguments);
    try {
      var process = new ProcessBuilder(command).start();
      var said = CompletableFuture.supplyAsync(() -> all(process.getInputStream()));
      var complained = CompletableFuture.supplyAsync(() -> all(process.getErrorStream()));
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw failure(command, "did not end within " + limit.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        var how = "exit code " + process.exitValue() + "\n" + said.join() + complained.join();
        throw failure(command, how);
      }
      return said.join();
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

  private static String all(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
