package ninefold.command;

import java.util.List;
import java.util.function.Consumer;
import ninefold.description.Cluster;
import ninefold.ssh.CommandOutcome;

/** The connection of a command to a cluster's machines. */
interface ClusterConnection extends AutoCloseable {

  /** The description of the cluster. */
  Cluster cluster();

  /** Collects the facts of all machines in parallel, and evaluates them. */
  Observation observe();

  /**
   * Like {@link #observe()}, but starts Patroni's next cycle first, so that changes that wait for
   * it are visible sooner.
   */
  Observation observeInNextCycle();

  /** The factor by which timeouts are longer than usual on these machines; 1 or more. */
  int timeoutFactor();

  /**
   * Makes a database node ask Patroni for a change, and waits until it is finished.
   *
   * @param node the node's name
   * @param arguments the arguments of {@code templates/patroni/scripts/operate.sh}
   * @param progress receives each line of output immediately
   */
  CommandOutcome operate(String node, List<String> arguments, Consumer<String> progress);

  /**
   * Takes a backup, and waits until it has ended. If the connection is lost, the backup continues.
   *
   * @param type {@code full}, {@code diff} or {@code incr}
   * @param progress receives each line of output immediately
   */
  CommandOutcome backUp(String type, Consumer<String> progress);

  /**
   * Runs a stage of a restore of the whole cluster on a machine, and waits until it is finished,
   * however long it takes.
   *
   * @param node the node's name
   * @param script the script that {@code step} runs
   * @param arguments its arguments, without single quotes
   * @param progress receives each line of output immediately
   */
  CommandOutcome restore(
      String node, String script, List<String> arguments, Consumer<String> progress);

  /** Patroni's history in JSON, from the first database node that returns it. */
  CommandOutcome history();

  /**
   * Runs one of the scripts of {@code templates/copy} on a database node, and waits until it ends.
   *
   * @param node the node's name
   * @param words the script and its arguments, without quotes
   * @param progress receives each line of output immediately
   */
  CommandOutcome copy(String node, List<String> words, Consumer<String> progress);

  @Override
  void close();
}
