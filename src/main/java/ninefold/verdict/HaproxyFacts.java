package ninefold.verdict;

import java.util.List;
import java.util.Optional;

/**
 * HAProxy on one balancer.
 *
 * @param servers the servers of its backends
 * @param frontends the ports that clients use
 * @param sessions connections that are open on the port that is nearest to its limit
 * @param limit connections that this port accepts
 */
public record HaproxyFacts(
    FactsSection<List<Server>> servers,
    FactsSection<List<Frontend>> frontends,
    int sessions,
    int limit) {

  /**
   * A server.
   *
   * @param backend {@code leader} or {@code replicas}
   * @param name the node
   * @param address where it is sent to
   * @param port the port there
   * @param status HAProxy's word, as in {@code UP}, {@code UP 1/3} or {@code MAINT}
   * @param check what its last check said
   * @param sessions its connections
   */
  public record Server(
      String backend,
      String name,
      String address,
      int port,
      String status,
      Optional<String> check,
      int sessions) {

    /** Whether clients are sent to it. */
    public boolean up() {
      return status.startsWith("UP");
    }
  }

  /** A port, and whether it accepts connections. */
  public record Frontend(int port, boolean accepts) {}
}
