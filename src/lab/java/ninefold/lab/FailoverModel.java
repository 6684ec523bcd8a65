package ninefold.lab;

import java.time.Duration;
import ninefold.description.Cluster;
import ninefold.description.Failover.Timings;

/**
 * The worst-case durations of the phases of a failover, in ms. docs/performance.md describes the
 * model.
 *
 * @param timings the timings of the failover profile
 * @param handoverAfter the time in s after which a dead PgBouncer on the leader causes a switchover
 */
record FailoverModel(Timings timings, int handoverAfter) {
  private static final int ETCD_LEASE_EXPIRY = 500;
  private static final int CLEAN_STOP = 1000;
  private static final int POSTGRESQL_STARTS = 2000;

  /** The members ask each other before a promotion, and wait for one that does not answer. */
  private static final int LEADER_RACE = 2000;

  private static final int PROMOTION = 1000;

  /** The number of requests for WAL that a promotion sends to the archive. */
  private static final int ARCHIVE_REQUESTS = 5;

  /** systemd restarts PgBouncer. */
  private static final int POOL_RESTARTS = 200;

  /** HAProxy retries a refused connection after 1 s. 2.8 s were measured, so two retries count. */
  private static final int BALANCER_RETRIES = 2000;

  /** The watch checks PgBouncer once per second. */
  private static final int WATCH_INTERVAL = 1000;

  /** The number of failed checks after which the watch kills PgBouncer. */
  private static final int WATCH_CHECKS = 3;

  /** systemd restarts Patroni after 1 s, and Patroni needs 2 s to start. */
  private static final int PATRONI_RESTARTS = 3000;

  /**
   * systemd restarts HAProxy after 0.2 s, and HAProxy needs 0.5 s to read its configuration and
   * certificates.
   */
  private static final int BALANCER_RESTARTS = 700;

  /** The number of consecutive failed checks after which Keepalived releases the address. */
  private static final int FAILED_CHECKS = 2;

  /** VRRP's skew time at worst, as a part of the advertisement interval. */
  private static final double SKEW = (256 - 149) / 256.0;

  private static final double ADVERTISEMENTS = 3 + SKEW;

  /** Returns the model for a cluster. */
  static FailoverModel of(Cluster cluster) {
    return new FailoverModel(
        cluster.failover().timings(),
        Math.toIntExact(cluster.pooling().handoverAfter().toSeconds()));
  }

  int round() {
    return millis(timings.patroni().loopWait());
  }

  int switchover() {
    return CLEAN_STOP + PROMOTION + balancerUp();
  }

  int switchoverWithoutArchive() {
    return switchover() + ARCHIVE_REQUESTS * millis(timings.postgresql().repositoryPingTimeout());
  }

  int switchoverAskingASilentMember() {
    return switchover() + LEADER_RACE;
  }

  int leaseRunsOut() {
    return millis(timings.patroni().ttl())
        + ETCD_LEASE_EXPIRY
        + LEADER_RACE
        + PROMOTION
        + balancerUp();
  }

  int crash() {
    return round() + POSTGRESQL_STARTS + balancerUp() + poolLogsIn();
  }

  int restartInPlace() {
    return CLEAN_STOP + POSTGRESQL_STARTS + balancerUp() + poolLogsIn();
  }

  int patroniRestarts() {
    return PATRONI_RESTARTS + balancerUp();
  }

  /** A client waits until HAProxy retries, or until HAProxy sees the server up again. */
  int poolRestarts() {
    return POOL_RESTARTS + Math.max(BALANCER_RETRIES, balancerUp());
  }

  int poolHangs() {
    return WATCH_INTERVAL + WATCH_CHECKS * millis(timings.healthCheck().timeout()) + poolRestarts();
  }

  int poolStaysDead() {
    return handoverAfter * 1000 + 3 * WATCH_INTERVAL + switchover();
  }

  int addressMoves() {
    return (int) (ADVERTISEMENTS * timings.vrrp().advertInterval().toMillis());
  }

  /** A restarted HAProxy considers every server up until the first check has failed. */
  int balancerRestarts() {
    return BALANCER_RESTARTS + millis(timings.healthCheck().interval());
  }

  int balancerHangs() {
    return FAILED_CHECKS * millis(timings.vrrp().haproxyTimeout()) + balancerStaysDead();
  }

  /**
   * The other balancer takes the address over as soon as the first one has announced priority 0.
   */
  int balancerStaysDead() {
    return (int) ((FAILED_CHECKS + SKEW) * timings.vrrp().advertInterval().toMillis());
  }

  int replicaGivenUp() {
    return millis(timings.postgresql().walSenderTimeout()) + round();
  }

  private int balancerUp() {
    return millis(timings.healthCheck().untilUp());
  }

  private int poolLogsIn() {
    return millis(timings.pooler().serverLoginRetry());
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
