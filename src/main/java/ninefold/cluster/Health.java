package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** The limits of what counts as healthy. A value at its limit still is. */
public record Health(
    @Doc("Amount of WAL that a replica may not have replayed yet.") @Default("16MiB")
        Size replicationLag,
    @Doc("How long a WAL segment may wait to be archived.")
        @Default("3min")
        @DurationRange(min = "1s", max = "24h")
        Duration archiveWait,
    @Doc(
            "How old the newest backup may be. The default suits daily backups; weekly ones need"
                + " 170h.")
        @Default("26h")
        @DurationRange(min = "1h", max = "366d")
        Duration backupAge,
    @Doc("How long a client may wait for a server connection.")
        @Default("5s")
        @DurationRange(min = "1s", max = "1h")
        Duration clientWait,
    @Doc("Open connections of a balancer, in percent of those it accepts.")
        @Default("90")
        @Min(1)
        @Max(100)
        int balancerSessions,
    @Doc("Size of etcd's data, in percent of its quota.") @Default("80") @Min(1) @Max(100)
        int etcdSize,
    @Doc(
            "Age of the oldest transaction ID that is not frozen, in millions of transactions."
                + " PostgreSQL refuses writes at about 2146.")
        @Default("1000")
        @Min(10)
        @Max(2140)
        int transactionAge,
    @Doc("How long a certificate must still be valid.")
        @Default("30d")
        @DurationRange(min = "1d", max = "3650d")
        Duration certificateValidity,
    @Doc("How far the clocks of two machines may differ.")
        @Default("500ms")
        @DurationRange(min = "10ms", max = "1min")
        Duration clockDifference,
    @Doc("Space that must be free on a file system, in percent.") @Default("10") @Min(1) @Max(90)
        int freeSpace,
    @Doc("Inodes that must be free on a file system, in percent.") @Default("10") @Min(1) @Max(90)
        int freeInodes) {}
