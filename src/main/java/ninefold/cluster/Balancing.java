package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/**
 * HAProxy on the balancers.
 *
 * @param readWritePort the port that leads to the leader
 * @param readOnlyPort the port that leads to replicas, and to the leader when none is left
 * @param statisticsPort the port of the statistics page
 * @param maxConnections connections that one balancer accepts on each of the two ports
 * @param maxConnectionsPerClient connections that one address may have of them; 0 stands for as
 *     many as the pools behind the port accept
 * @param idleLimit how long a session may be silent before it is cut, min
 * @param drainLimit how long a session may go on in the old process after a reload, h
 * @param maximumLag WAL that a replica may lack and still serve reads. Patroni compares with what
 *     the leader last wrote down, up to {@code loopWait} ago
 */
public record Balancing(
    @Doc("Port that leads to the leader.") @Default("5000") @Min(1) @Max(65535) int readWritePort,
    @Doc("Port that leads to replicas, and to the leader when none is left.")
        @Default("5001")
        @Min(1)
        @Max(65535)
        int readOnlyPort,
    @Doc("Port of the statistics page.") @Default("7000") @Min(1) @Max(65535) int statisticsPort,
    @Doc("Connections that one balancer accepts on each of its two ports for clients.")
        @Default("1000")
        @Min(10)
        @Max(1000000)
        int maxConnections,
    @Doc(
            "Connections that one client address may have on one of these ports; 0 for as many as"
                + " the pools behind the port accept (pooling.maxClients each).")
        @Default("0")
        @Min(0)
        @Max(1000000)
        int maxConnectionsPerClient,
    @Doc("Minutes that a session may be silent before it is cut.") @Default("30") @Min(1) @Max(1440)
        int idleLimit,
    @Doc("Hours that a session may outlive a reload of HAProxy before it is cut.")
        @Default("48")
        @Min(1)
        @Max(720)
        int drainLimit,
    @Doc("WAL that a replica may lack and still serve reads.") @Default("100MiB") Size maximumLag) {

  /** The loopback port on which HAProxy says that it serves. */
  public static final int ALIVE_PORT = 7001;
}
