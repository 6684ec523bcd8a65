package ninefold.service;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * How the memory of a database node is shared out: one budget for PostgreSQL's cache, its
 * connections and the rest of the machine; and how much WAL its disk may hold, and temporary files.
 * All in MiB.
 *
 * @param memory the machine's memory
 * @param sharedBuffers a quarter of it, as PostgreSQL's manual advises
 * @param effectiveCacheSize three quarters, what PostgreSQL may assume to be cached
 * @param maintenanceWorkMem a sixteenth, 2 GiB at most
 * @param workMemKib what is left for sorting, in KiB: a quarter of the memory over the connections,
 *     as more than one sort in each at once is rare
 * @param disk the data disk, where it is made here; of a given host it is not known
 */
record MemoryBudget(
    long memory,
    long sharedBuffers,
    long effectiveCacheSize,
    long maintenanceWorkMem,
    long workMemKib,
    OptionalLong disk) {
  /** Of the disk for WAL between two checkpoints. */
  private static final int WAL_SHARE = 10;

  /** Of the disk for WAL that is kept in any case. */
  private static final int KEPT_SHARE = 40;

  /** Of the disk for WAL that a slot holds back. */
  private static final int SLOT_SHARE = 5;

  /**
   * Of the disk for the temporary files of one session, which sorts or joins more than its memory.
   */
  private static final int TEMPORARY_SHARE = 4;

  /** The budget of the smallest database node: PostgreSQL's settings are one for all of them. */
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

  /** Much memory beside a small disk must not fill it with WAL. */
  private long onDisk(long wanted, int share) {
    return Math.min(wanted, disk.orElse(Long.MAX_VALUE) / share);
  }

  /** WAL that a slot may hold back; where the disk is not known, a fifth of the usual one. */
  String slotWal() {
    return disk.isPresent() ? Math.max(512, disk.getAsLong() / SLOT_SHARE) + "MB" : "4GB";
  }

  /** The budget as PostgreSQL's parameters. */
  Map<String, String> parameters() {
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("shared_buffers", sharedBuffers + "MB");
    parameters.put("effective_cache_size", effectiveCacheSize + "MB");
    parameters.put("maintenance_work_mem", maintenanceWorkMem + "MB");
    parameters.put("work_mem", workMemKib + "kB");
    parameters.put("wal_keep_size", Math.max(64, onDisk(memory / 16, KEPT_SHARE)) + "MB");
    parameters.put("min_wal_size", Math.max(80, onDisk(memory / 16, KEPT_SHARE)) + "MB");
    parameters.put("max_wal_size", Math.max(512, onDisk(memory / 4, WAL_SHARE)) + "MB");
    disk.ifPresent(
        size -> parameters.put("temp_file_limit", Math.max(512, size / TEMPORARY_SHARE) + "MB"));
    return parameters;
  }
}
