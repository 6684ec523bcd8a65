package ninefold.description.check;

import ninefold.description.BalancingSettings;
import ninefold.description.Cluster;
import ninefold.description.problem.Problems;

/** Whether the balancers' limits fit each other and the limits of the pools behind them. */
final class BalancingChecks {
  private BalancingChecks() {}

  static void run(Cluster cluster, Problems problems) {
    BalancingSettings balancing = cluster.balancing();
    int accepted = balancing.maxConnections();
    int pooled = cluster.pooling().maxClients();
    // A full pool refuses clients with a message. A full port leaves them waiting.
    if (accepted < pooled) {
      problems.add(
          "balancing.maxConnections",
          "%d is less than pooling.maxClients, the %d that one pool accepts"
              .formatted(accepted, pooled),
          "allowed: %d or more; or lower pooling.maxClients".formatted(pooled));
    }
    balancing
        .maxConnectionsPerClient()
        .filter(most -> most > accepted)
        .ifPresent(
            most ->
                problems.add(
                    "balancing.maxConnectionsPerClient",
                    "%d is more than balancing.maxConnections, %d".formatted(most, accepted),
                    "allowed: 1 to " + accepted));
  }
}
