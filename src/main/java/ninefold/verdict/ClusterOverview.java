package ninefold.verdict;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The state of a cluster for the status screen. Unknown values are empty.
 *
 * @param leader the name of the leader
 * @param paused whether Patroni is paused
 * @param switchover a scheduled switchover
 * @param members the database nodes in the description's order, then members that it lacks
 * @param holders the balancers that have the virtual address
 * @param write how long a write through the virtual address took
 * @param read how long a read through it took
 * @param readFrom the node that answered the read
 * @param balancers the balancers
 * @param pools the PgBouncers
 * @param etcd the members of etcd
 * @param backups the backups and the WAL archive
 * @param certificates the first certificate to expire on each node
 */
public record ClusterOverview(
    Optional<String> leader,
    boolean paused,
    Optional<PatroniFacts.Switchover> switchover,
    List<Member> members,
    List<String> holders,
    Optional<Duration> write,
    Optional<Duration> read,
    Optional<String> readFrom,
    List<Balancer> balancers,
    List<Pool> pools,
    List<EtcdMember> etcd,
    Optional<Backups> backups,
    List<Certificate> certificates) {

  /** Makes immutable copies. */
  public ClusterOverview {
    members = List.copyOf(members);
    holders = List.copyOf(holders);
    balancers = List.copyOf(balancers);
    pools = List.copyOf(pools);
    etcd = List.copyOf(etcd);
    certificates = List.copyOf(certificates);
  }

  /**
   * A database node.
   *
   * @param name its name
   * @param role Patroni's role: {@code leader}, {@code replica}, {@code sync_standby} …; {@code ?}
   *     if it is not known
   * @param state Patroni's state, as in {@code streaming}; {@code silent} if the machine does not
   *     answer
   * @param timeline its timeline
   * @param lag the lag behind the leader in bytes; empty for the leader
   * @param sync {@code sync_state} in {@code pg_stat_replication}, as in {@code quorum}; empty for
   *     the leader
   * @param pendingRestart whether a setting waits for a restart
   */
  public record Member(
      String name,
      String role,
      String state,
      OptionalLong timeline,
      OptionalLong lag,
      Optional<String> sync,
      boolean pendingRestart) {}

  /**
   * A balancer.
   *
   * @param name its name
   * @param answers whether its HAProxy answers
   * @param holds whether it has the virtual address
   * @param servers its servers
   * @param sessions the number of open connections
   * @param limit the number of connections that it accepts
   */
  public record Balancer(
      String name, boolean answers, boolean holds, List<Server> servers, int sessions, int limit) {

    /** Makes an immutable copy. */
    public Balancer {
      servers = List.copyOf(servers);
    }
  }

  /**
   * A server of a balancer.
   *
   * @param backend {@code leader} or {@code replicas}
   * @param name the name of the node
   * @param up whether it receives clients
   * @param sessions the number of its connections
   */
  public record Server(String backend, String name, boolean up, int sessions) {}

  /**
   * A PgBouncer.
   *
   * @param node its node
   * @param answers whether it answers clients
   * @param waiting the number of clients that wait for a server connection
   * @param longest how long the first of them has been waiting
   */
  public record Pool(String node, boolean answers, int waiting, Duration longest) {}

  /**
   * A member of etcd.
   *
   * @param node its node
   * @param answers whether it answers
   * @param leads whether it is the leader
   * @param size the size of its data, bytes
   * @param quotaPercent that size in percent of the quota
   */
  public record EtcdMember(
      String node, boolean answers, boolean leads, OptionalLong size, OptionalInt quotaPercent) {}

  /**
   * The backups and the WAL archive.
   *
   * @param count the number of backups
   * @param newest the newest one
   * @param oldest the oldest one
   * @param window the recovery window
   * @param gaps segments that are missing in the archive
   * @param running whether a backup is running
   * @param waiting the number of segments on the leader that wait to be archived
   */
  public record Backups(
      int count,
      Optional<Backup> newest,
      Optional<Backup> oldest,
      Optional<Window> window,
      List<Gap> gaps,
      boolean running,
      OptionalLong waiting) {

    /** Makes an immutable copy. */
    public Backups {
      gaps = List.copyOf(gaps);
    }
  }

  /**
   * A backup.
   *
   * @param label its label
   * @param type {@code full}, {@code diff} or {@code incr}
   * @param ended when it ended
   * @param age the time since then, by the repository's clock
   * @param size the size of the database in it, bytes
   * @param error whether it contains damaged pages
   */
  public record Backup(
      String label, String type, Instant ended, Duration age, long size, boolean error) {}

  /**
   * The recovery window: the cluster can be restored to any time in it.
   *
   * @param from the end of the oldest backup without a later gap in the archive
   * @param until when the newest segment was archived; empty if it is not known
   * @param segment the newest archived segment, 24 hexadecimal digits
   */
  public record Window(Instant from, Optional<Instant> until, String segment) {}

  /**
   * A range of missing WAL segments.
   *
   * @param first the first one, 24 hexadecimal digits
   * @param last the last one
   * @param segments the number of segments
   */
  public record Gap(String first, String last, long segments) {}

  /**
   * The first certificate of a node to expire.
   *
   * @param node the node
   * @param service the service that uses it
   * @param daysLeft the whole days until it expires; negative afterwards
   */
  public record Certificate(String node, String service, long daysLeft) {}
}
