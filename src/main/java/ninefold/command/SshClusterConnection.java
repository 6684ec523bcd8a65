package ninefold.command;

import static java.util.stream.Collectors.joining;

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
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** Timeout for the facts of all machines together. */
  private static final Duration FACTS_TIMEOUT = Duration.ofSeconds(8);

  /** Ends by itself on the machine if the ssh connection is lost. */
  private static final String FACTS = "timeout --kill-after=1 %d " + SCRIPTS + "facts";

  /** Added to a step's own timeout, so that the step can still report why it ended. */
  private static final Duration STEP_MARGIN = Duration.ofSeconds(30);

  /** The longest restore: templates/host/scripts/step.sh has the same limit. */
  private static final Duration RESTORE_TIMEOUT = Duration.ofDays(30);

  /**
   * The default of {@code access.stepTimeout}, in seconds. A longer one shows that the machines are
   * slow, so the timeouts here grow with it.
   */
  private static final int DEFAULT_STEP_SECONDS = 900;

  private static final int MAX_TIMEOUT_FACTOR = 10;

  /** How long a restore may take. It reports its progress, and the operator can end it. */
  private static final Duration COPY = Duration.ofDays(7);

  /** Longer than any backup. The steps' timeout is too short for a large database. */
  private static final Duration BACKUP_TIMEOUT = Duration.ofDays(7);

  /** The exit status of {@code timeout} if the command does not exist. */
  private static final int COMMAND_NOT_FOUND = 127;

  /** The prefix of a reason that names the node; the findings name it themselves. */
  private static final Pattern NODE_PREFIX = Pattern.compile("^node \\S+ \\((\\S+)\\): ");

  private final Cluster cluster;
  private final RemoteMachines machines;
  private final int timeoutFactor;
  private final Duration factsTimeout;

  SshClusterConnection(Stack stack) {
    this.cluster = stack.cluster();
    this.timeoutFactor = timeoutFactor(cluster.access().stepTimeout());
    this.factsTimeout = FACTS_TIMEOUT.multipliedBy(timeoutFactor);
    this.machines =
        new RemoteMachines(
            cluster.access(),
            stack.hostKeys(),
            stack.privateKey(),
            CONNECT_TIMEOUT.multipliedBy(timeoutFactor));
  }

  @Override
  public Cluster cluster() {
    return cluster;
  }

  @Override
  public int timeoutFactor() {
    return timeoutFactor;
  }

  @Override
  public Observation observe() {
    return observe(FACTS);
  }

  @Override
  public Observation observeInNextCycle() {
    return observe(FACTS + " wake");
  }

  private Observation observe(String command) {
    var outcomes = machines.run(command.formatted(factsTimeout.toSeconds() - 1), factsTimeout);
    var answers = new LinkedHashMap<String, Answer>();
    for (var node : cluster.nodes()) {
      var outcome = outcomes.get(node.name());
      answers.put(node.name(), outcome == null ? withoutHostKey(node) : answer(outcome));
    }
    return Observation.of(cluster, answers);
  }

  private static int timeoutFactor(Duration stepTimeout) {
    return Math.min(
        MAX_TIMEOUT_FACTOR,
        Math.toIntExact(
            (stepTimeout.toSeconds() + DEFAULT_STEP_SECONDS - 1) / DEFAULT_STEP_SECONDS));
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
      return new Answer.Silent(NODE_PREFIX.matcher(unreached.reason()).replaceFirst("$1: "));
    }
    var ended = (CommandOutcome.Ended) outcome;
    if (ended.status() != 0) {
      return new Answer.Silent(reason(ended));
    }
    try {
      return new Answer.Received(Facts.parse(ended.output()), ended.began(), ended.ended());
    } catch (UnreadableFactsException e) {
      return new Answer.Silent(e.getMessage());
    }
  }

  private static String reason(CommandOutcome.Ended ended) {
    var message =
        ended.errors().strip().lines().reduce((earlier, last) -> last).orElse("no error message");
    if (ended.status() == COMMAND_NOT_FOUND) {
      return SCRIPTS + "facts is not installed there: run pulumi up, which installs it";
    }
    return "the command facts ended with status %d: %s".formatted(ended.status(), message);
  }

  @Override
  public CommandOutcome operate(String node, List<String> arguments, Consumer<String> progress) {
    var limit = cluster.access().stepTimeout();
    var command = SCRIPTS + "step operate " + String.join(" ", arguments);
    return machines.run(node, command, progress, limit.plus(STEP_MARGIN));
  }

  @Override
  public CommandOutcome backUp(String type, Consumer<String> progress) {
    var repository = cluster.nodes(Role.REPOSITORY).get(0).name();
    return machines.run(repository, SCRIPTS + "backup-now " + type, progress, BACKUP_TIMEOUT);
  }

  @Override
  public CommandOutcome restore(
      String node, String script, List<String> arguments, Consumer<String> progress) {
    var words = arguments.stream().map(word -> " '" + word + "'").collect(joining());
    return machines.run(node, SCRIPTS + "step " + script + words, progress, RESTORE_TIMEOUT);
  }

  @Override
  public CommandOutcome history() {
    CommandOutcome outcome = new CommandOutcome.Unreached("there is no database node", "add one");
    for (var node : cluster.nodes(Role.POSTGRES)) {
      outcome = machines.run(node.name(), SCRIPTS + "operate history", line -> {}, factsTimeout);
      if (outcome instanceof CommandOutcome.Ended ended && ended.status() == 0) {
        return outcome;
      }
    }
    return outcome;
  }

  @Override
  public CommandOutcome copy(String node, List<String> words, Consumer<String> progress) {
    var arguments = words.stream().skip(1).map(word -> " '" + word + "'").collect(joining());
    return machines.run(node, SCRIPTS + words.get(0) + arguments, progress, COPY);
  }

  @Override
  public void close() {
    machines.close();
  }
}
