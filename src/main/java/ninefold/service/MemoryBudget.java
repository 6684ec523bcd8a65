package ninefold.service;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * Divides the memory of the smallest database node among PostgreSQL's cache, its sessions and the
 * rest of the machine, and limits the WAL and temporary files on its data disk.
 *
 * <p>Amounts are in MiB unless a name says otherwise. PostgreSQL's units {@code kB} and {@code MB}
 * are multiples of 1024, so they are KiB and MiB. The values that are not from a manual are
 * explained in {@code docs/decisions.md}.
 *
 * @param memory the node's memory
 * @param sharedBuffers {@code shared_buffers} = memory / 4, as PostgreSQL's manual recommends
 *     ("Resource Consumption")
 * @param effectiveCacheSize {@code effective_cache_size} = memory × 3 / 4: an estimate for the
 *     planner of shared buffers and page cache together; it reserves nothing
 * @param maintenanceWorkMem {@code maintenance_work_mem} = memory / 16, from 16 MiB to 2 GiB
 * @param workMemKib {@code work_mem} in KiB = memory / 4 / {@code max_connections}, at least 1 MiB.
 *     It allows each connection one sort at a time; more are rare
 * @param disk the size of the data disk, or empty for an existing host, whose disk is not known
 */
record MemoryBudget(
    long memory,
    long sharedBuffers,
    long effectiveCacheSize,
    long maintenanceWorkMem,
    long workMemKib,
    OptionalLong disk) {
  /** WAL between two checkpoints takes up to 1/10 of the disk. */
  private static final int WAL_DIVISOR = 10;

  /** WAL that PostgreSQL always keeps takes up to 1/40 of the disk. */
  private static final int KEPT_WAL_DIVISOR = 40;

  /** WAL that a replication slot retains takes up to 1/5 of the disk. */
  private static final int SLOT_WAL_DIVISOR = 5;

  /** The temporary files of one session take up to 1/4 of the disk. */
  private static final int TEMPORARY_FILES_DIVISOR = 4;

  /**
   * Returns the budget of the smallest database node, because all nodes have the same parameters.
   */
  static MemoryBudget of(Cluster cluster) {
    var memory =
        cluster.nodes(Role.POSTGRES).stream()
            .map(Node::memory)
            .mapToLong(size -> size.mebibytes())
            .min()
            .orElseThrow();
    var connections = cluster.postgresql().maxConnections();
    return new MemoryBudget(
        memory,
        memory / 4,
        memory * 3 / 4,
        Math.min(2048, Math.max(16, memory / 16)),
        Math.max(1024, memory * 1024 / 4 / connections),
        disk(cluster));
  }

  private static OptionalLong disk(Cluster cluster) {
    return cluster.machines() instanceof Machines.Libvirt
        ? cluster.nodes(Role.POSTGRES).stream()
            .map(Node::dataDisk)
            .mapToLong(size -> size.mebibytes())
            .min()
        : OptionalLong.empty();
  }

  /** Limits an amount that follows the memory, so that WAL cannot fill a small disk. */
  private long limitedByDisk(long amount, int divisor) {
    return Math.min(amount, disk.orElse(Long.MAX_VALUE) / divisor);
  }

  /**
   * Returns {@code max_slot_wal_keep_size}: disk / 5, at least 512 MiB. If the disk is not known,
   * it is 4 GiB, a fifth of the default data disk of a virtual machine.
   */
  String slotWal() {
    return disk.isPresent() ? Math.max(512, disk.getAsLong() / SLOT_WAL_DIVISOR) + "MB" : "4GB";
  }

  /**
   * Returns the budget as PostgreSQL's parameters. Beside those of the record:
   *
   * <ul>
   *   <li>{@code wal_keep_size} = min(memory / 16, disk / 40), at least 64 MiB, four segments
   *   <li>{@code min_wal_size} = min(memory / 16, disk / 40), at least 80 MiB, PostgreSQL's default
   *   <li>{@code max_wal_size} = min(memory / 4, disk / 10), at least 512 MiB
   *   <li>{@code temp_file_limit} = disk / 4, at least 512 MiB; not set if the disk is not known
   * </ul>
   */
  Map<String, String> parameters() {
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("shared_buffers", sharedBuffers + "MB");
    parameters.put("effective_cache_size", effectiveCacheSize + "MB");
    parameters.put("maintenance_work_mem", maintenanceWorkMem + "MB");
    parameters.put("work_mem", workMemKib + "kB");
    var keptWal = limitedByDisk(memory / 16, KEPT_WAL_DIVISOR);
    parameters.put("wal_keep_size", Math.max(64, keptWal) + "MB");
    parameters.put("min_wal_size", Math.max(80, keptWal) + "MB");
    parameters.put("max_wal_size", Math.max(512, limitedByDisk(memory / 4, WAL_DIVISOR)) + "MB");
    disk.ifPresent(
        size ->
            parameters.put(
                "temp_file_limit", Math.max(512, size / TEMPORARY_FILES_DIVISOR) + "MB"));
    return parameters;
  }
}
