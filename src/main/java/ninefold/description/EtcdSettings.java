package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;

/**
 * The etcd cluster.
 *
 * @param clientPort the port for clients
 * @param peerPort the port between members
 * @param quota the size at which etcd refuses writes
 * @param generation raised to have the cluster of etcd founded anew
 */
public record EtcdSettings(
    @Description("Port for clients.") @Default("2379") @Min(1) @Max(65535) int clientPort,
    @Description("Port between members.") @Default("2380") @Min(1) @Max(65535) int peerPort,
    @Description("Size of the data at which etcd refuses writes.") @Default("2GiB") Size quota,
    @Description("Raised to have etcd's cluster founded anew, after all of its data was lost.")
        @Default("1")
        @Min(1)
        @Max(1000000)
        int generation) {}
