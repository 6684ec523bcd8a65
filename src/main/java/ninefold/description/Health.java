package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;

/**
 * The limits of what counts as healthy. A value at its limit is healthy still.
 *
 * @param replicationLag WAL that a replica may not have replayed yet
 * @param archiveWait how long a WAL segment may wait to be archived, s
 * @param backupAge how old the newest backup may be, h
 * @param clientWait how long a client may wait for a server connection, s
 * @param balancerSessions connections of a balancer that may be open, percent of those it accepts
 * @param etcdSize how large etcd's data may be, percent of their quota
 * @param transactionAge how old the oldest transaction that is not frozen may be, million
 *     transactions; PostgreSQL refuses writes at about 2146
 * @param certificateDays how long a certificate must hold still, d
 * @param clockDifference how far the clocks of two machines may be apart, ms
 * @param freeSpace what must be free on a file system, percent
 * @param freeInodes inodes that must be free on a file system, percent
 */
public record Health(
    @Description("WAL that a replica may not have replayed yet.") @Default("16MiB")
        Size replicationLag,
    @Description("Seconds that a WAL segment may wait to be archived.")
        @Default("180")
        @Min(1)
        @Max(86400)
        int archiveWait,
    @Description(
            "Hours since the newest backup; the default fits daily backups, a weekly one needs 170.")
        @Default("26")
        @Min(1)
        @Max(8784)
        int backupAge,
    @Description("Seconds that a client may wait for a server connection.")
        @Default("5")
        @Min(1)
        @Max(3600)
        int clientWait,
    @Description("Connections of a balancer that may be open, in percent of those it accepts.")
        @Default("90")
        @Min(1)
        @Max(100)
        int balancerSessions,
    @Description("Size of etcd's data, in percent of their quota.") @Default("80") @Min(1) @Max(100)
        int etcdSize,
    @Description(
            "Age of the oldest transaction that is not frozen, in million transactions; PostgreSQL"
                + " refuses writes at about 2146.")
        @Default("1000")
        @Min(10)
        @Max(2140)
        int transactionAge,
    @Description("Days that a certificate must hold still.") @Default("30") @Min(1) @Max(3650)
        int certificateDays,
    @Description("Milliseconds that the clocks of machines may differ.")
        @Default("500")
        @Min(10)
        @Max(60000)
        int clockDifference,
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
