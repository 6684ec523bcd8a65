package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.stream.Stream;
import ninefold.description.schema.Description;

/** How quickly the cluster reacts to a fault: sets all timings that depend on each other. */
public enum Failover {
  @JsonProperty("fast")
  @Description("For one rack: react quickly.")
  FAST(
      new Timings(
          new PatroniTimings(
              /* ttl= */ seconds(20),
              /* loopWait= */ seconds(1),
              /* retryTimeout= */ seconds(5),
              /* primaryStartTimeout= */ seconds(10),
              /* primaryStopTimeout= */ seconds(20)),
          new HealthCheck(
              /* interval= */ millis(500),
              /* fastInterval= */ millis(250),
              /* downInterval= */ millis(250),
              /* fall= */ 2,
              /* rise= */ 1,
              /* timeout= */ millis(1000)),
          new VrrpTimings(/* advertInterval= */ seconds(1), /* haproxyTimeout= */ seconds(1)),
          new PoolerTimings(/* serverLoginRetry= */ seconds(1)),
          new PostgresqlTimings(
              /* walSenderTimeout= */ seconds(5), /* repositoryPingTimeout= */ seconds(1)),
          new EtcdTimings(/* heartbeat= */ millis(100), /* election= */ millis(1000)),
          new KernelTimings(/* retransmissions= */ 5))),
  @JsonProperty("normal")
  @Description("For one data center.")
  NORMAL(
      new Timings(
          new PatroniTimings(
              /* ttl= */ seconds(30),
              /* loopWait= */ seconds(10),
              /* retryTimeout= */ seconds(10),
              /* primaryStartTimeout= */ seconds(60),
              /* primaryStopTimeout= */ seconds(60)),
          new HealthCheck(
              /* interval= */ millis(2000),
              /* fastInterval= */ millis(500),
              /* downInterval= */ millis(1000),
              /* fall= */ 3,
              /* rise= */ 1,
              /* timeout= */ millis(2000)),
          new VrrpTimings(/* advertInterval= */ seconds(1), /* haproxyTimeout= */ seconds(2)),
          new PoolerTimings(/* serverLoginRetry= */ seconds(1)),
          new PostgresqlTimings(
              /* walSenderTimeout= */ seconds(10), /* repositoryPingTimeout= */ seconds(3)),
          new EtcdTimings(/* heartbeat= */ millis(250), /* election= */ millis(2500)),
          new KernelTimings(/* retransmissions= */ 6))),
  @JsonProperty("wide")
  @Description("For slow links. Between sites, only if they share one network.")
  WIDE(
      new Timings(
          new PatroniTimings(
              /* ttl= */ seconds(90),
              /* loopWait= */ seconds(20),
              /* retryTimeout= */ seconds(30),
              /* primaryStartTimeout= */ seconds(180),
              /* primaryStopTimeout= */ seconds(90)),
          new HealthCheck(
              /* interval= */ millis(5000),
              /* fastInterval= */ millis(2000),
              /* downInterval= */ millis(5000),
              /* fall= */ 3,
              /* rise= */ 2,
              /* timeout= */ millis(4000)),
          new VrrpTimings(/* advertInterval= */ seconds(2), /* haproxyTimeout= */ seconds(5)),
          new PoolerTimings(/* serverLoginRetry= */ seconds(3)),
          new PostgresqlTimings(
              /* walSenderTimeout= */ seconds(30), /* repositoryPingTimeout= */ seconds(10)),
          new EtcdTimings(/* heartbeat= */ millis(1000), /* election= */ millis(5000)),
          new KernelTimings(/* retransmissions= */ 8)));

  // The checker does not see that a record of durations and numbers is immutable.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Timings timings;

  Failover(Timings timings) {
    this.timings = timings;
  }

  /** The timings. */
  public Timings timings() {
    return timings;
  }

  private static Duration seconds(long amount) {
    return Duration.ofSeconds(amount);
  }

  private static Duration millis(long amount) {
    return Duration.ofMillis(amount);
  }

  /**
   * Timings that belong together, by the service that has them as settings.
   *
   * @param patroni Patroni's
   * @param healthCheck HAProxy's checks of a server
   * @param vrrp Keepalived's
   * @param pooler PgBouncer's
   * @param postgresql PostgreSQL's
   * @param etcd etcd's
   * @param kernel the kernel's, on database nodes and balancers
   */
  public record Timings(
      PatroniTimings patroni,
      HealthCheck healthCheck,
      VrrpTimings vrrp,
      PoolerTimings pooler,
      PostgresqlTimings postgresql,
      EtcdTimings etcd,
      KernelTimings kernel) {

    /**
     * The number of failed checks ({@code fall}) after which a balancer that sees no leader
     * releases the virtual address, if a different balancer sees one. They take twice the time by
     * which balancers may differ in when they see a new leader.
     */
    public long blindRounds() {
      Duration difference =
          healthCheck.downInterval().multipliedBy(healthCheck.rise()).plus(healthCheck.timeout());
      long interval = vrrp.advertInterval().toMillis();
      return (2 * difference.toMillis() + interval - 1) / interval;
    }
  }

  /**
   * Timings of Patroni, in whole seconds.
   *
   * @param ttl how long the leader's lease is valid; Patroni raises values below 20 s
   * @param loopWait the pause between two runs of Patroni's loop
   * @param retryTimeout how long Patroni retries etcd and PostgreSQL; Patroni silently changes
   *     timings unless {@code loopWait + 2 · retryTimeout ≤ ttl}
   * @param primaryStartTimeout how long a crashed leader may take to start before a failover
   * @param primaryStopTimeout how long a synchronous leader may take for its shutdown checkpoint
   *     before Patroni kills it; less than systemd waits for Patroni
   */
  public record PatroniTimings(
      Duration ttl,
      Duration loopWait,
      Duration retryTimeout,
      Duration primaryStartTimeout,
      Duration primaryStopTimeout) {

    /** Refuses timings that Patroni would silently change. */
    public PatroniTimings {
      requireWholeSeconds(ttl, loopWait, retryTimeout, primaryStartTimeout, primaryStopTimeout);
      Duration rounds = loopWait.plus(retryTimeout.multipliedBy(2));
      if (ttl.compareTo(seconds(20)) < 0 || rounds.compareTo(ttl) > 0) {
        throw new IllegalArgumentException("Patroni would change these timings");
      }
    }
  }

  /**
   * HAProxy's checks of a server.
   *
   * @param interval time between two checks of a server that is up
   * @param fastInterval the same for a server whose state is changing
   * @param downInterval the same for a server that is down. Half of the servers always are:
   *     replicas on the leader's port, the leader on theirs. Each check costs a TLS handshake
   * @param fall the number of failed checks after which a server is down
   * @param rise the number of successful checks after which a server is up
   * @param timeout how long one check may take
   */
  public record HealthCheck(
      Duration interval,
      Duration fastInterval,
      Duration downInterval,
      int fall,
      int rise,
      Duration timeout) {

    /** The longest time until HAProxy notices that a server is ready. */
    public Duration untilUp() {
      return fastInterval.multipliedBy(rise - 1L).plus(downInterval);
    }
  }

  /**
   * Timings of Keepalived, in whole seconds.
   *
   * @param advertInterval time between two VRRP advertisements
   * @param haproxyTimeout the timeout of Keepalived's check of HAProxy. Two failures in a row
   *     release the virtual address; if both balancers fail at once, neither has it
   */
  public record VrrpTimings(Duration advertInterval, Duration haproxyTimeout) {

    /** Refuses fractions of a second. */
    public VrrpTimings {
      requireWholeSeconds(advertInterval, haproxyTimeout);
    }
  }

  /**
   * Timings of PgBouncer, in whole seconds.
   *
   * @param serverLoginRetry how long PgBouncer waits after a failed login to PostgreSQL
   */
  public record PoolerTimings(Duration serverLoginRetry) {

    /** Refuses fractions of a second. */
    public PoolerTimings {
      requireWholeSeconds(serverLoginRetry);
    }
  }

  /**
   * Timings of PostgreSQL, in whole seconds.
   *
   * @param walSenderTimeout after which time the leader drops a replica that does not answer; until
   *     then commits may wait for the replica
   * @param repositoryPingTimeout how long PostgreSQL waits for the repository's answer when it
   *     requests WAL; a promotion makes five requests
   */
  public record PostgresqlTimings(Duration walSenderTimeout, Duration repositoryPingTimeout) {

    /** Refuses fractions of a second. */
    public PostgresqlTimings {
      requireWholeSeconds(walSenderTimeout, repositoryPingTimeout);
    }
  }

  /**
   * Timings of etcd.
   *
   * @param heartbeat the heartbeat interval; slightly more than the round trip between members
   * @param election the election timeout; five to ten times the heartbeat
   */
  public record EtcdTimings(Duration heartbeat, Duration election) {

    /** Refuses an election timeout below five heartbeats, as etcd does. */
    public EtcdTimings {
      if (heartbeat.multipliedBy(5).compareTo(election) > 0) {
        throw new IllegalArgumentException("etcd would refuse these timings");
      }
    }
  }

  /**
   * Timings of the kernel of database nodes and balancers.
   *
   * @param retransmissions the number of retransmissions after which a connection is dead ({@code
   *     tcp_retries2}): n of them take 0.2 s · (2^(n+1) − 1)
   */
  public record KernelTimings(int retransmissions) {

    /** The time until a connection is dead: the pauses start at 0.2 s, and double. */
    public Duration untilDead() {
      return millis(200).multipliedBy((1L << (retransmissions + 1)) - 1);
    }
  }

  private static void requireWholeSeconds(Duration... durations) {
    if (Stream.of(durations).anyMatch(duration -> duration.toMillisPart() != 0)) {
      throw new IllegalArgumentException("the service accepts only whole seconds");
    }
  }
}
