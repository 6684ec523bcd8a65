package ninefold.verdict;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Facts about a machine's clock and file systems.
 *
 * @param clock the state of chrony, if the stack manages it
 * @param mounts the file systems of the data, WAL, etcd and backups, and the root
 */
public record MachineFacts(FactsSection<Clock> clock, FactsSection<List<Mount>> mounts) {

  /**
   * The state of chrony.
   *
   * @param follows whether the clock is synchronized with an NTP server
   * @param offset the difference from the server's time, in seconds
   */
  public record Clock(@JsonProperty("synchronized") boolean follows, double offset) {}

  /**
   * A file system.
   *
   * @param path where it is mounted, or a directory on it
   * @param size its size, bytes
   * @param free the space that is available to users, bytes
   * @param inodes the number of inodes; 0 if the file system has no fixed number
   * @param freeInodes the number of free inodes
   */
  public record Mount(String path, long size, long free, long inodes, long freeInodes) {}
}
