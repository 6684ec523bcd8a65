package ninefold.description.check;

import ninefold.description.BalancingSettings;
import ninefold.description.Cluster;
import ninefold.description.problem.Problems;

/** Whether the balancers' limits fit each other, and those of the pools behind them. */
final class BalancingChecks {
  private BalancingChecks() {}

  static void run(Cluster cluster, Problems problems) {
    BalancingSettings balancing = cluster.balancing();
    int accepted = balancing.maxConnections();
    int pooled = cluster.pooling().maxClients();
    // A pool refuses its clients with a message; a port that is full leaves them waiting.
    if (accepted < pooled) {
      problems.add(
          "balancing.maxConnections",
          "%d is less than pooling.maxClients, the %d that one pool accepts"
              .formatted(accepted, pooled),
          "allowed: %d or more; or lower pooling.maxClients".formatted(pooled));
    }
    if (balancing.maxConnectionsPerClient() > accepted) {
      problems.add(
          "balancing.maxConnectionsPerClient",
          "%d is more than balancing.maxConnections, %d"
              .formatted(balancing.maxConnectionsPerClient(), accepted),
          "allowed: 0 to " + accepted);
    }
  }
}
