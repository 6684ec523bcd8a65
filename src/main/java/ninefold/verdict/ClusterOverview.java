package ninefold.verdict;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a status screen shows of a cluster. What nobody told is missing or empty.
 *
 * @param leader who leads
 * @param paused whether Patroni lets everything be
 * @param switchover a switchover that waits for its time
 * @param members the database nodes in the description's order, then members it lacks
 * @param holders who holds the virtual address
 * @param write how long a write through the virtual address takes
 * @param read how long a read through it takes
 * @param readFrom the node that answered the read
 * @param balancers the balancers
 * @param pools the PgBouncers
 * @param etcd the members of etcd
 * @param backups backups and archive
 * @param certificates the certificate that ends first, by node
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

  /** Keeps copies that cannot be changed. */
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
   * @param role Patroni's word: {@code leader}, {@code replica}, {@code sync_standby} …; {@code ?}
   *     if nobody told
   * @param state Patroni's word, as in {@code streaming}; {@code silent} if the machine is
   * @param timeline its timeline
   * @param lag how far it is behind the leader, bytes; empty for the leader
   * @param sync PostgreSQL's word on the leader, as in {@code quorum} or {@code potential}; empty
   *     for the leader
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
   * @param holds whether it holds the virtual address
   * @param servers its servers
   * @param sessions open connections
   * @param limit connections it accepts
   */
  public record Balancer(
      String name, boolean answers, boolean holds, List<Server> servers, int sessions, int limit) {

    /** Keeps a copy that cannot be changed. */
    public Balancer {
      servers = List.copyOf(servers);
    }
  }

  /**
   * A server of a balancer.
   *
   * @param backend {@code leader} or {@code replicas}
   * @param name the node
   * @param up whether clients are sent there
   * @param sessions its connections
   */
  public record Server(String backend, String name, boolean up, int sessions) {}

  /**
   * A PgBouncer.
   *
   * @param node its node
   * @param answers whether it answers clients
   * @param waiting clients that wait for a server connection
   * @param longest how long the first of them has waited
   */
  public record Pool(String node, boolean answers, int waiting, Duration longest) {}

  /**
   * A member of etcd.
   *
   * @param node its node
   * @param answers whether it answers
   * @param leads whether it leads
   * @param size the size of its data, bytes
   * @param quotaPercent the same in percent of its quota
   */
  public record EtcdMember(
      String node, boolean answers, boolean leads, OptionalLong size, OptionalInt quotaPercent) {}

  /**
   * Backups and archive.
   *
   * @param count how many backups there are
   * @param newest the newest one
   * @param oldest the oldest one
   * @param window from when until when the cluster can be restored to any moment
   * @param gaps segments that are missing in the archive
   * @param running whether a backup runs
   * @param waiting segments that wait to be archived on the leader
   */
  public record Backups(
      int count,
      Optional<Backup> newest,
      Optional<Backup> oldest,
      Optional<Window> window,
      List<Gap> gaps,
      boolean running,
      OptionalLong waiting) {

    /** Keeps a copy that cannot be changed. */
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
   * @param age how long ago that was, by the repository's clock
   * @param size bytes
   * @param error whether pages in it are damaged
   */
  public record Backup(
      String label, String type, Instant ended, Duration age, long size, boolean error) {}

  /**
   * The recovery window: any moment in it can be restored.
   *
   * @param from the end of the oldest backup from which the archive has no gap
   * @param until when the newest segment was archived; empty if the leader didn't tell
   * @param segment the newest archived segment, 24 hexadecimal digits
   */
  public record Window(Instant from, Optional<Instant> until, String segment) {}

  /**
   * Missing segments.
   *
   * @param first the first one, 24 hexadecimal digits
   * @param last the last one
   * @param segments how many
   */
  public record Gap(String first, String last, long segments) {}

  /**
   * The certificate of a node that ends first.
   *
   * @param node the node
   * @param service whose it is
   * @param daysLeft whole days until its end, below 0 after it
   */
  public record Certificate(String node, String service, long daysLeft) {}
}
