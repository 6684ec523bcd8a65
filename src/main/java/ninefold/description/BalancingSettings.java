package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.DurationRange;

/** HAProxy on the balancers. */
public record BalancingSettings(
    @Description("Port that leads to the leader.") @Default("5000") @Min(1) @Max(65535)
        int readWritePort,
    @Description("Port that leads to the replicas, or to the leader if no replica is available.")
        @Default("5001")
        @Min(1)
        @Max(65535)
        int readOnlyPort,
    @Description("Port of the statistics page.") @Default("7000") @Min(1) @Max(65535)
        int statisticsPort,
    @Description("Number of connections that one balancer accepts on each of its two client ports.")
        @Default("1000")
        @Min(10)
        @Max(1000000)
        int maxConnections,
    @Description(
            "Number of connections that one client address may have on each of these ports. The"
                + " default is what the pools behind the port accept together (pooling.maxClients each).")
        @Min(1)
        @Max(1000000)
        Optional<Integer> maxConnectionsPerClient,
    @Description("How long a session may be idle before HAProxy closes it.")
        @Default("30min")
        @DurationRange(min = "1min", max = "24h")
        Duration idleTimeout,
    @Description("How long a session may outlive a reload of HAProxy before it is closed.")
        @Default("48h")
        @DurationRange(min = "1h", max = "30d")
        Duration drainTimeout,
    @Description("Amount of WAL by which a replica may lag behind and still serve reads.")
        @Default("100MiB")
        Size maximumLag) {

  /** The loopback port on which HAProxy reports that it serves. */
  public static final int ALIVE_PORT = 7001;
}
