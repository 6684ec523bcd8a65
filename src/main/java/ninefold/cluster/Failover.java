package ninefold.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How soon a fault is acted on; one word sets every timing that belongs together. */
public enum Failover {
  /** One rack: false alarms are rare, so act soon. */
  @JsonProperty("fast")
  @Doc("One rack: act soon.")
  FAST(new Timings(20, 1, 5, 10, 20, 500, 250, 250, 2, 1, 1000, 1, 1, 1, 5, 1, 100, 1000, 5)),
  /** One data centre. */
  @JsonProperty("normal")
  @Doc("One data centre.")
  NORMAL(
      new Timings(30, 10, 10, 60, 60, 2000, 500, 1000, 3, 1, 2000, 1, 2, 1, 10, 3, 250, 2500, 6)),
  /** Slow links. All nodes are in one network, wherever they are. */
  @JsonProperty("wide")
  @Doc("Slow links; between sites only if one network reaches over them.")
  WIDE(
      new Timings(
          90, 20, 30, 180, 90, 5000, 2000, 5000, 3, 2, 4000, 2, 5, 3, 30, 10, 1000, 5000, 8));

  // A record of numbers can't change, which the checker doesn't see.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Timings timings;

  Failover(Timings timings) {
    this.timings = timings;
  }

  /** The timings this word stands for. */
  public Timings timings() {
    return timings;
  }

  /**
   * Timings that belong together.
   *
   * @param ttl Patroni's leader lease, s; at least 20, Patroni raises less
   * @param loopWait the pause between Patroni's rounds, s
   * @param retryTimeout how long Patroni retries etcd and PostgreSQL, s; {@code loopWait + 2 ·
   *     retryTimeout ≤ ttl}, or Patroni changes them silently
   * @param primaryStartTimeout how long a crashed leader may take to start before another leads, s
   * @param primaryStopTimeout how long a synchronous leader may take to stop before Patroni kills
   *     it, s: what it has in memory goes to disk meanwhile; less than systemd waits for Patroni
   * @param checkInterval time between two of HAProxy's checks of a server that is up, ms
   * @param fastInterval the same of one whose state is changing, ms
   * @param downInterval the same of one that is down, ms; half of them are, all the time (replicas
   *     for the leader's port, the leader for theirs), and each check is a TLS handshake
   * @param fall failed checks until a server is down
   * @param rise passed checks until a server is up
   * @param checkTimeout how long one check may take, ms
   * @param advertInterval time between two VRRP advertisements, s
   * @param serveTimeout how long HAProxy may take to answer Keepalived, s; twice, and its balancer
   *     gives the virtual address away. Where both machines are slow at once, nobody has it
   * @param serverLoginRetry how long PgBouncer waits after a failed login to PostgreSQL, s
   * @param walSenderTimeout after how long the leader gives up a silent replica, s; until then
   *     commits may wait for it
   * @param repositoryPingTimeout how long PostgreSQL waits for the repository's answer when it looks for
   *     WAL there, s; a promotion looks five times
   * @param etcdHeartbeat etcd's heartbeat, ms; about the round trip between members, above it
   * @param etcdElection etcd's election timeout, ms; ten times the heartbeat
   * @param retransmissions how often the kernel of a database node or a balancer sends again what
   *     nobody acknowledges, until the connection is dead: n times are 0.2 s · (2^(n+1) − 1)
   */
  public record Timings(
      int ttl,
      int loopWait,
      int retryTimeout,
      int primaryStartTimeout,
      int primaryStopTimeout,
      int checkInterval,
      int fastInterval,
      int downInterval,
      int fall,
      int rise,
      int checkTimeout,
      int advertInterval,
      int serveTimeout,
      int serverLoginRetry,
      int walSenderTimeout,
      int repositoryPingTimeout,
      int etcdHeartbeat,
      int etcdElection,
      int retransmissions) {

    /** Refuses timings that Patroni would silently change. */
    public Timings {
      if (ttl < 20 || loopWait + 2 * retryTimeout > ttl) {
        throw new IllegalArgumentException("Patroni would change these timings");
      }
    }

    /**
     * Rounds of Keepalived's that a balancer has no leader while another has one, until it gives
     * the virtual address away: twice as long as they may differ in when they see a new leader.
     */
    public int blindRounds() {
      int differ = rise * downInterval + checkTimeout;
      int round = 1000 * advertInterval;
      return (2 * differ + round - 1) / round;
    }
  }
}
