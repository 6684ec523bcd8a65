package ninefold.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import ninefold.description.Cluster;
import ninefold.ssh.CommandOutcome;

/** A connection to machines whose answers a test defines. */
final class FakeClusterConnection implements ClusterConnection {
  final List<String> operated = new ArrayList<>();
  final List<String> copied = new ArrayList<>();
  private final Map<String, CommandOutcome> copyOutcomes = new HashMap<>();
  final List<String> restored = new ArrayList<>();
  private final Map<String, CommandOutcome> stageOutcomes = new HashMap<>();
  private final Observation before;
  private Observation after;
  private CommandOutcome outcome = ended(0, "", "");
  private CommandOutcome history = ended(0, "[]", "");
  private int observations;
  private int timeoutFactor = 1;

  FakeClusterConnection(FakeObservation observation) {
    this(observation.observe());
  }

  FakeClusterConnection(Observation observation) {
    this.before = observation;
    this.after = observation;
  }

  /** Sets the observation that every observation after the first one returns. */
  FakeClusterConnection then(FakeObservation observation) {
    after = observation.observe();
    return this;
  }

  /** Sets all timeouts to 0, so that no change is awaited. */
  FakeClusterConnection withoutWaiting() {
    timeoutFactor = 0;
    return this;
  }

  FakeClusterConnection withOutcome(CommandOutcome operationOutcome) {
    outcome = operationOutcome;
    return this;
  }

  FakeClusterConnection withHistory(CommandOutcome historyOutcome) {
    history = historyOutcome;
    return this;
  }

  /** Sets the outcome of a verb of the scripts of a copy. */
  FakeClusterConnection withCopyOutcome(String verb, CommandOutcome copyOutcome) {
    copyOutcomes.put(verb, copyOutcome);
    return this;
  }

  static CommandOutcome ended(int status, String output, String errors) {
    return new CommandOutcome.Ended(status, output, errors, Instant.EPOCH, Instant.EPOCH);
  }

  @Override
  public Cluster cluster() {
    return before.cluster();
  }

  @Override
  public Observation observe() {
    return observations++ == 0 ? before : after;
  }

  @Override
  public Observation observeInNextCycle() {
    return observe();
  }

  @Override
  public int timeoutFactor() {
    return timeoutFactor;
  }

  @Override
  public CommandOutcome operate(String node, List<String> arguments, Consumer<String> progress) {
    operated.add(node + ": " + String.join(" ", arguments));
    progress.accept("in progress");
    return outcome;
  }

  /** Sets the outcome of each stage of a restore, of its script and first argument. */
  FakeClusterConnection withStage(String stage, CommandOutcome stageOutcome) {
    stageOutcomes.put(stage, stageOutcome);
    return this;
  }

  @Override
  public CommandOutcome restore(
      String node, String script, List<String> arguments, Consumer<String> progress) {
    synchronized (restored) {
      restored.add(node + ": " + (script + " " + String.join(" ", arguments)).strip());
    }
    return stageOutcomes.getOrDefault(
        arguments.isEmpty() ? script : arguments.get(0), ended(0, "", ""));
  }

  @Override
  public CommandOutcome backUp(String type, Consumer<String> progress) {
    operated.add("repository: " + type);
    progress.accept("P00   INFO: new backup label = 20261130-060000F");
    return outcome;
  }

  @Override
  public CommandOutcome history() {
    return history;
  }

  @Override
  public CommandOutcome copy(String node, List<String> words, Consumer<String> progress) {
    copied.add(node + ": " + String.join(" ", words));
    progress.accept("in progress");
    return copyOutcomes.getOrDefault(words.get(1), ended(0, "", ""));
  }

  @Override
  public void close() {
    // There is nothing to close.
  }
}
