package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.DurationRange;

/** Limits beyond which the cluster counts as unhealthy. A value at its limit is healthy. */
public record Health(
    @Description("Amount of WAL that a replica may not have replayed yet.") @Default("16MiB")
        Size replicationLag,
    @Description("How long a WAL segment may wait to be archived.")
        @Default("3min")
        @DurationRange(min = "1s", max = "24h")
        Duration archiveWait,
    @Description(
            "How old the newest backup may be. The default suits daily backups; weekly ones need"
                + " 170h.")
        @Default("26h")
        @DurationRange(min = "1h", max = "366d")
        Duration backupAge,
    @Description("How long a client may wait for a server connection.")
        @Default("5s")
        @DurationRange(min = "1s", max = "1h")
        Duration clientWait,
    @Description("Open connections of a balancer, in percent of those it accepts.")
        @Default("90")
        @Min(1)
        @Max(100)
        int balancerSessions,
    @Description("Size of etcd's data, in percent of its quota.") @Default("80") @Min(1) @Max(100)
        int etcdSize,
    @Description(
            "Age of the oldest transaction ID that is not frozen, in millions of transactions."
                + " PostgreSQL refuses writes at about 2146.")
        @Default("1000")
        @Min(10)
        @Max(2140)
        int transactionAge,
    @Description("How long a certificate must still be valid.")
        @Default("30d")
        @DurationRange(min = "1d", max = "3650d")
        Duration certificateValidity,
    @Description("How far the clocks of two machines may differ.")
        @Default("500ms")
        @DurationRange(min = "10ms", max = "1min")
        Duration clockDifference,
    @Description("Space that must be free on a file system, in percent.")
        @Default("10")
        @Min(1)
        @Max(90)
        int freeSpace,
    @Description("Inodes that must be free on a file system, in percent.")
        @Default("10")
        @Min(1)
        @Max(90)
        int freeInodes) {}
