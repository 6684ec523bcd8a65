package ninefold.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import ninefold.description.Cluster;
import ninefold.ssh.Outcome;

/** Machines that say what a test wants. */
final class FakeSite implements Site {
  final List<String> operated = new ArrayList<>();
  private final Observation before;
  private Observation after;
  private Outcome outcome = ended(0, "", "");
  private Outcome history = ended(0, "[]", "");
  private int looks;
  private int patience = 1;

  FakeSite(Seen seen) {
    this(seen.look());
  }

  FakeSite(Observation seen) {
    this.before = seen;
    this.after = seen;
  }

  /** What is seen from the second look on. */
  FakeSite then(Seen seen) {
    after = seen.look();
    return this;
  }

  /** No change of these machines is waited for. */
  FakeSite atRest() {
    patience = 0;
    return this;
  }

  FakeSite ends(Outcome with) {
    outcome = with;
    return this;
  }

  FakeSite remembers(Outcome told) {
    history = told;
    return this;
  }

  static Outcome ended(int status, String output, String errors) {
    return new Outcome.Ended(status, output, errors, Instant.EPOCH, Instant.EPOCH);
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
  public Outcome operate(String node, List<String> words, Consumer<String> progress) {
    operated.add(node + ": " + String.join(" ", words));
    progress.accept("working on it");
    return outcome;
  }

  @Override
  public Outcome history() {
    return history;
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
