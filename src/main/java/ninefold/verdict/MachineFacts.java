package ninefold.verdict;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * A machine's clock and file systems.
 *
 * @param clock chrony's view, where the stack manages it
 * @param mounts file systems of data, WAL, etcd and backups, and the root
 */
public record MachineFacts(FactsSection<Clock> clock, FactsSection<List<Mount>> mounts) {

  /**
   * What chrony says.
   *
   * @param follows whether the clock follows a server
   * @param offset how far it is from the server's time, s
   */
  public record Clock(@JsonProperty("synchronized") boolean follows, double offset) {}

  /**
   * A file system.
   *
   * @param path where it is mounted, or a directory on it
   * @param size its size, bytes
   * @param free what is left for users, bytes
   * @param inodes its inodes; 0 where the file system has no fixed number
   * @param freeInodes inodes that are left
   */
  public record Mount(String path, long size, long free, long inodes, long freeInodes) {}
}
