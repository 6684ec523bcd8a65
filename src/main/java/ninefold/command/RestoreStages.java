package ninefold.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import ninefold.command.Palette.Tone;
import ninefold.command.RestoreState.Stage;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.ssh.CommandOutcome;

/**
 * The stages of a restore of the whole cluster, on the machines.
 *
 * @param connection the connection to the machines
 * @param console where to print
 * @param began when the command began
 */
record RestoreStages(ClusterConnection connection, Console console, Instant began) {
  private static final String RECOVER = "recover";

  RestoreStages(ClusterConnection connection, Console console) {
    this(connection, console, console.clock().instant());
  }

  /** A stage failed on a machine; the message was printed. */
  static final class StageFailure extends Exception {
    private static final long serialVersionUID = 1;

    StageFailure(String message) {
      super(message);
    }
  }

  /** The restore that is under way, as the first database node reports it that answers. */
  Optional<RestoreState> underWay() throws StageFailure {
    CommandOutcome outcome = new CommandOutcome.Unreached("there is no database node", "add one");
    for (var node : databases()) {
      outcome = connection.restore(node, RECOVER, List.of("state"), line -> {});
      if (outcome instanceof CommandOutcome.Ended ended && ended.status() == 0) {
        return parse(ended.output());
      }
    }
    throw failure("a database node", outcome);
  }

  private static Optional<RestoreState> parse(String output) throws StageFailure {
    try {
      return output.isBlank() ? Optional.empty() : Optional.of(RestoreState.parse(output));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new StageFailure("etcd has a note of a restore that cannot be read: " + output);
    }
  }

  List<String> databases() {
    return connection.cluster().nodes(Role.POSTGRES).stream().map(Node::name).toList();
  }

  /** From which backups a node can be restored, or why that is refused. */
  RestorePlan plan(String node, List<String> arguments) throws StageFailure {
    var words = new ArrayList<>(List.of("plan"));
    words.addAll(arguments);
    var outcome = connection.restore(node, RECOVER, words, line -> {});
    if (outcome instanceof CommandOutcome.Ended ended && ended.status() == 0) {
      try {
        return RestorePlan.of(new ObjectMapper().readTree(ended.output()));
      } catch (JsonProcessingException e) {
        throw new StageFailure("the plan of " + node + " cannot be read: " + ended.output());
      }
    }
    throw failure(node, outcome);
  }

  /** Notes that a stage begins, and runs it. */
  void run(RestoreState state) throws StageFailure {
    recover(state.node(), "advance", state.stage().word());
    switch (state.stage()) {
      case STOP_CLIENTS -> onAll(state.nodes(), "stop-clients", state.id());
      case STOP_DATABASES -> stopDatabases(state);
      case RESTORE -> {
        var words = new ArrayList<>(List.of("restore", state.id(), state.target()));
        words.add(String.valueOf(state.timeline()));
        words.addAll(state.labels());
        recover(state.node(), words.toArray(String[]::new));
      }
      case LEAD -> recover(state.node(), "lead");
      case BACKUP -> step(repository(), "restore-backup", List.of());
      case REPLICAS -> onAll(state.others(), "replica", state.id());
      case START_CLIENTS -> onAll(state.nodes(), "start-clients");
    }
  }

  private void stopDatabases(RestoreState state) throws StageFailure {
    onAll(
        state.nodes().stream().filter(it -> !it.equals(state.former())).toList(),
        "stop-database",
        state.id());
    if (state.nodes().contains(state.former())) {
      recover(state.former(), "stop-database", state.id());
    }
  }

  /** Starts the cluster with the data that it has. */
  void startAgain(RestoreState state) throws StageFailure {
    recover(state.former(), "start-database");
    recover(state.former(), "await-leader");
    onAll(state.nodes(), "start-database");
    onAll(state.nodes(), "start-clients");
    recover(state.node(), "end");
  }

  /** Runs a stage on several nodes at the same time. */
  private void onAll(List<String> nodes, String... words) throws StageFailure {
    var failures = new ConcurrentHashMap<String, StageFailure>();
    var left = new CountDownLatch(nodes.size());
    for (var node : nodes) {
      new Thread(
              () -> {
                try {
                  recover(node, words);
                } catch (StageFailure e) {
                  failures.put(node, e);
                } finally {
                  left.countDown();
                }
              },
              "restore-" + node)
          .start();
    }
    try {
      left.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StageFailure("interrupted");
    }
    for (var failure : failures.values()) {
      throw failure;
    }
  }

  void recover(String node, String... words) throws StageFailure {
    step(node, RECOVER, List.of(words));
  }

  private void step(String node, String script, List<String> words) throws StageFailure {
    Consumer<String> progress = line -> report(node + ": " + line);
    var outcome = connection.restore(node, script, words, progress);
    if (!(outcome instanceof CommandOutcome.Ended ended && ended.status() == 0)) {
      throw failure(node, outcome);
    }
  }

  private String repository() {
    return connection.cluster().nodes(Role.REPOSITORY).get(0).name();
  }

  private static StageFailure failure(String node, CommandOutcome outcome) {
    if (outcome instanceof CommandOutcome.Unreached unreached) {
      return new StageFailure(unreached.reason() + "\n" + unreached.next());
    }
    return new StageFailure(
        "failed on %s:\n%s".formatted(node, ((CommandOutcome.Ended) outcome).errors().strip()));
  }

  /** Prints a line of progress. */
  synchronized void report(String line) {
    var passed = Duration.between(began, console.clock().instant());
    console.print("%4d s  %s".formatted(passed.toSeconds(), Palette.clean(line)));
  }

  /** Prints that the command is refused. */
  int refuse(List<Refusal> refusals) {
    console.err().println(console.palette().paint(Tone.BAD, "refused; nothing was changed:"));
    for (var refusal : refusals) {
      console.err().println("  " + Palette.clean(refusal.what()));
      console
          .err()
          .println(
              "    "
                  + console.palette().paint(Tone.FAINT, "next: " + Palette.clean(refusal.next())));
    }
    console.err().flush();
    return ExitCode.REFUSED;
  }

  /** Prints why a stage failed. */
  int fail(StageFailure failure, Optional<Stage> stage) {
    var err = console.err();
    failure.getMessage().lines().forEach(line -> err.println(Palette.clean(line)));
    stage.ifPresent(
        it ->
            err.println(
                "the restore stopped at its stage %s; next: ./ninefold restore --continue, or --go-back"
                    .formatted(it.word())));
    err.flush();
    return ExitCode.FAILED;
  }
}
