package ninefold.command;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.ssh.CommandOutcome;
import ninefold.ssh.Connections;
import ninefold.ssh.RemoteMachines;
import ninefold.verdict.Answer;
import ninefold.verdict.Facts;
import ninefold.verdict.UnreadableFactsException;

/** Reaches a cluster's machines over ssh. */
final class SshClusterConnection implements ClusterConnection {
  private static final String SCRIPTS = "/usr/local/lib/ninefold/";

  /** Timeout of the connection, and of each answer during the login. */
  private static final Duration CONNECT = Duration.ofSeconds(3);

  /** Timeout for the facts of all machines together. */
  private static final Duration ANSWERS = Duration.ofSeconds(8);

  /** Its own timeout ends the collection on the machine even if the ssh connection is lost. */
  private static final String FACTS = "timeout --kill-after=1 %d " + SCRIPTS + "facts";

  /** Added to a step's own timeout, so that the step can still report why it ended. */
  private static final Duration OVERTIME = Duration.ofSeconds(30);

  /**
   * The default of {@code access.stepTimeout}, in seconds. A longer one shows that the machines are
   * slow, so the timeouts here grow with it.
   */
  private static final int USUAL_STEP = 900;

  private static final int MOST_PATIENCE = 10;

  /** The exit status of {@code timeout} if the command does not exist. */
  private static final int NOT_THERE = 127;

  /** The prefix of a reason that names the node; the findings name it themselves. */
  private static final Pattern NAME = Pattern.compile("^node \\S+ \\((\\S+)\\): ");

  private final Cluster cluster;
  private final RemoteMachines machines;
  private final int patience;
  private final Duration answers;

  SshClusterConnection(Stack stack) {
    this.cluster = stack.cluster();
    this.patience = patience(cluster.access().stepTimeout());
    this.answers = ANSWERS.multipliedBy(patience);
    this.machines =
        new RemoteMachines(
            cluster.access(), stack.hostKeys(), stack.privateKey(), CONNECT.multipliedBy(patience));
  }

  @Override
  public Cluster cluster() {
    return cluster;
  }

  @Override
  public int patience() {
    return patience;
  }

  @Override
  public Observation look() {
    return look(FACTS);
  }

  @Override
  public Observation lookInNextRound() {
    return look(FACTS + " wake");
  }

  private Observation look(String command) {
    var outcomes = machines.run(command.formatted(answers.toSeconds() - 1), answers);
    var told = new LinkedHashMap<String, Answer>();
    for (var node : cluster.nodes()) {
      var outcome = outcomes.get(node.name());
      told.put(node.name(), outcome == null ? withoutHostKey(node) : answer(outcome));
    }
    return Observation.of(cluster, told);
  }

  private static int patience(Duration stepTimeout) {
    return Math.min(
        MOST_PATIENCE, Math.toIntExact((stepTimeout.toSeconds() + USUAL_STEP - 1) / USUAL_STEP));
  }

  private static Answer withoutHostKey(Node node) {
    return new Answer.Silent(
        "its host key is not known, so it was not contacted: set the node's 'hostKey', or add a line"
            + " to ninefold:knownHosts for "
            + Connections.address(node));
  }

  /** Converts the outcome of the {@code facts} command to an answer. */
  static Answer answer(CommandOutcome outcome) {
    if (outcome instanceof CommandOutcome.Unreached unreached) {
      return new Answer.Silent(NAME.matcher(unreached.reason()).replaceFirst("$1: "));
    }
    var ended = (CommandOutcome.Ended) outcome;
    if (ended.status() != 0) {
      return new Answer.Silent(reason(ended));
    }
    try {
      return new Answer.Told(Facts.parse(ended.output()), ended.began(), ended.ended());
    } catch (UnreadableFactsException e) {
      return new Answer.Silent(e.getMessage());
    }
  }

  private static String reason(CommandOutcome.Ended ended) {
    var said =
        ended.errors().strip().lines().reduce((earlier, last) -> last).orElse("no error message");
    if (ended.status() == NOT_THERE) {
      return SCRIPTS + "facts is not installed there: run pulumi up, which installs it";
    }
    return "the command facts ended with status %d: %s".formatted(ended.status(), said);
  }

  @Override
  public CommandOutcome operate(String node, List<String> words, Consumer<String> progress) {
    var limit = cluster.access().stepTimeout();
    var command = SCRIPTS + "step operate " + String.join(" ", words);
    return machines.run(node, command, progress, limit.plus(OVERTIME));
  }

  @Override
  public CommandOutcome history() {
    CommandOutcome told = new CommandOutcome.Unreached("there is no database node", "add one");
    for (var node : cluster.nodes(Role.POSTGRES)) {
      told = machines.run(node.name(), SCRIPTS + "operate history", line -> {}, answers);
      if (told instanceof CommandOutcome.Ended ended && ended.status() == 0) {
        return told;
      }
    }
    return told;
  }

  @Override
  public void close() {
    machines.close();
  }
}
