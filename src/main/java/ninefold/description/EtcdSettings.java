package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;

/** The etcd cluster. */
public record EtcdSettings(
    @Description("Port for clients.") @Default("2379") @Min(1) @Max(65535) int clientPort,
    @Description("Port between members.") @Default("2380") @Min(1) @Max(65535) int peerPort,
    @Description("Size of the database at which etcd refuses writes.") @Default("2GiB") Size quota,
    @Description(
            "Generation of the etcd cluster. Raise it to create a new etcd cluster after all data of etcd was lost.")
        @Default("1")
        @Min(1)
        @Max(1000000)
        int generation) {}
