package ninefold.command;

import java.util.List;
import java.util.function.Consumer;
import ninefold.cluster.Cluster;
import ninefold.host.Outcome;

/** A cluster's machines, as a command reaches them. */
interface Site extends AutoCloseable {

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
  Outcome operate(String node, List<String> words, Consumer<String> progress);

  /** What Patroni's history says: JSON, from the first database node that tells it. */
  Outcome history();

  @Override
  void close();
}
