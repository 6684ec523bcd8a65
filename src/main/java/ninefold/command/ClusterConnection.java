package ninefold.command;

import java.util.List;
import java.util.function.Consumer;
import ninefold.description.Cluster;
import ninefold.ssh.CommandOutcome;

/** A cluster's machines, as a command reaches them. */
interface ClusterConnection extends AutoCloseable {

  /** The description. */
  Cluster cluster();

  /** Asks every machine for its facts, all at once, and judges them. */
  Observation look();

  /**
   * The same, after Patroni's members have begun their next round: what waits for it is not waited
   * for.
   */
  Observation lookInNextRound();

  /** How many times longer than usual things may take on these machines. */
  int patience();

  /**
   * Has a database node ask Patroni for a change, and waits for its end.
   *
   * @param node the node's name
   * @param words what {@code templates/patroni/scripts/operate.sh} is told
   * @param progress is given each line as it comes
   */
  CommandOutcome operate(String node, List<String> words, Consumer<String> progress);

  /** What Patroni's history says: JSON, from the first database node that tells it. */
  CommandOutcome history();

  @Override
  void close();
}
