package ninefold.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import ninefold.description.Cluster;
import ninefold.ssh.CommandOutcome;

/** Machines that say what a test wants. */
final class FakeClusterConnection implements ClusterConnection {
  final List<String> operated = new ArrayList<>();
  private final Observation before;
  private Observation after;
  private CommandOutcome outcome = ended(0, "", "");
  private CommandOutcome history = ended(0, "[]", "");
  private int looks;
  private int patience = 1;

  FakeClusterConnection(Seen seen) {
    this(seen.look());
  }

  FakeClusterConnection(Observation seen) {
    this.before = seen;
    this.after = seen;
  }

  /** What is seen from the second look on. */
  FakeClusterConnection then(Seen seen) {
    after = seen.look();
    return this;
  }

  /** No change of these machines is waited for. */
  FakeClusterConnection atRest() {
    patience = 0;
    return this;
  }

  FakeClusterConnection ends(CommandOutcome with) {
    outcome = with;
    return this;
  }

  FakeClusterConnection remembers(CommandOutcome told) {
    history = told;
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
  public Observation look() {
    return looks++ == 0 ? before : after;
  }

  @Override
  public Observation lookInNextRound() {
    return look();
  }

  @Override
  public int patience() {
    return patience;
  }

  @Override
  public CommandOutcome operate(String node, List<String> words, Consumer<String> progress) {
    operated.add(node + ": " + String.join(" ", words));
    progress.accept("working on it");
    return outcome;
  }

  @Override
  public CommandOutcome history() {
    return history;
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
