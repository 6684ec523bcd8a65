package ninefold.service;

import ninefold.description.Cluster;
import ninefold.description.Role;

/**
 * How many connections HAProxy accepts.
 *
 * @param perPort on each of the ports that clients use
 * @param writersPerAddress of them from one address, on the port that leads to the leader
 * @param readersPerAddress the same, on the port that leads to replicas
 */
public record ConnectionLimits(int perPort, int writersPerAddress, int readersPerAddress) {
  private static final int CLIENT_PORTS = 2;
  private static final int ALIVE = 50;
  private static final int STATISTICS = 50;

  /** A few more than all frontends accept together: HAProxy stops accepting at its total. */
  private static final int RESERVE = 50;

  /** Its listeners, checks, sockets and logs. */
  private static final int FILES_ASIDE = 200;

  /** The limits of a cluster's balancers. */
  public static ConnectionLimits of(Cluster cluster) {
    var described = cluster.balancing().maxConnectionsPerClient();
    int onePool = cluster.pooling().maxClients();
    int replicas = Math.max(1, cluster.nodes(Role.POSTGRES).size() - 1);
    return new ConnectionLimits(
        cluster.balancing().maxConnections(),
        described.orElse(onePool),
        described.orElseGet(() -> Math.multiplyExact(replicas, onePool)));
  }

  /** What Keepalived asks at. */
  public int alive() {
    return ALIVE;
  }

  /** The statistics page. */
  public int statistics() {
    return STATISTICS;
  }

  /** All frontends together, and some. */
  public int total() {
    return CLIENT_PORTS * perPort + ALIVE + STATISTICS + RESERVE;
  }

  /** Files that are open then: two for each connection. */
  public int files() {
    return 2 * total() + FILES_ASIDE;
  }
}
