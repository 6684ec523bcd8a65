package ninefold.service;

import ninefold.description.Cluster;
import ninefold.description.Role;

/**
 * The numbers of connections that HAProxy accepts ({@code maxconn} in its configuration).
 *
 * @param perPort the limit of each of the two client ports: {@code balancing.maxConnections}
 * @param writersPerAddress the limit for one client address on the read-write port: {@code
 *     balancing.maxConnectionsPerClient}, or {@code pooling.maxClients}, the limit of the leader's
 *     pool
 * @param readersPerAddress the same on the read-only port; its default is {@code
 *     pooling.maxClients} × replicas
 */
public record ConnectionLimits(int perPort, int writersPerAddress, int readersPerAddress) {
  private static final int CLIENT_PORTS = 2;
  private static final int ALIVE_CONNECTIONS = 50;
  private static final int STATISTICS_CONNECTIONS = 50;

  /** HAProxy stops accepting at its total, so the total exceeds the sum of all frontends. */
  private static final int SPARE_CONNECTIONS = 50;

  /** File descriptors for listeners, health checks, sockets and logs. */
  private static final int OTHER_FILES = 200;

  /** Returns the limits of a cluster's balancers. */
  public static ConnectionLimits of(Cluster cluster) {
    var described = cluster.balancing().maxConnectionsPerClient();
    int onePool = cluster.pooling().maxClients();
    int replicas = Math.max(1, cluster.nodes(Role.POSTGRES).size() - 1);
    return new ConnectionLimits(
        cluster.balancing().maxConnections(),
        described.orElse(onePool),
        described.orElseGet(() -> Math.multiplyExact(replicas, onePool)));
  }

  /** Returns the limit of the frontend that Keepalived checks. */
  public int alive() {
    return ALIVE_CONNECTIONS;
  }

  /** Returns the limit of the statistics page. */
  public int statistics() {
    return STATISTICS_CONNECTIONS;
  }

  /** Returns the limit of the process: 2 × {@code perPort} + 50 + 50 + 50. */
  public int total() {
    return CLIENT_PORTS * perPort + ALIVE_CONNECTIONS + STATISTICS_CONNECTIONS + SPARE_CONNECTIONS;
  }

  /**
   * Returns the file descriptors that HAProxy needs: two for each connection, to the client and to
   * the server, and 200 others.
   */
  public int files() {
    return 2 * total() + OTHER_FILES;
  }
}
