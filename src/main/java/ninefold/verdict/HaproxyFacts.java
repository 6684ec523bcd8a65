package ninefold.verdict;

import java.util.List;
import java.util.Optional;

/**
 * Facts about HAProxy on one balancer.
 *
 * @param servers the servers of its backends
 * @param frontends the frontends that clients use
 * @param sessions the open connections of the frontend that is closest to its limit
 * @param limit the connections that this frontend accepts
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
   * @param name the name of the node
   * @param address the address that HAProxy connects to
   * @param port the port there
   * @param status HAProxy's status, as in {@code UP}, {@code UP 1/3} or {@code MAINT}
   * @param check the result of its last health check
   * @param sessions the number of its connections
   */
  public record Server(
      String backend,
      String name,
      String address,
      int port,
      String status,
      Optional<String> check,
      int sessions) {

    /** Whether it receives clients. */
    public boolean up() {
      return status.startsWith("UP");
    }
  }

  /** A frontend: its port, and whether it accepts connections. */
  public record Frontend(int port, boolean accepts) {}
}
