package ninefold.lab;

import java.time.Duration;
import ninefold.description.Cluster;
import ninefold.description.Failover.Timings;

/**
 * The phases of a failover at worst, ms: the model of docs/performance.md.
 *
 * @param timings the profile's
 * @param handoverAfter how long PgBouncer may stay dead on the leader, s
 */
record FailoverModel(Timings timings, int handoverAfter) {
  private static final int ETCD_ENDS_LEASE = 500;
  private static final int CLEAN_STOP = 1000;
  private static final int POSTGRESQL_STARTS = 2000;

  /** The members ask each other, and wait for a silent one. */
  private static final int RACE = 2000;

  private static final int PROMOTION = 1000;

  /** How often a promotion asks the archive for WAL. */
  private static final int ARCHIVE_ASKED = 5;

  /** systemd starts PgBouncer again. */
  private static final int POOL_RESTARTS = 200;

  /** HAProxy waits a second before it tries a refused connection again; 2.8 s was met, so twice. */
  private static final int BALANCER_RETRIES = 2000;

  /** The watch over PgBouncer asks each second. */
  private static final int WATCH = 1000;

  /** It kills a PgBouncer that has not answered so many of its questions. */
  private static final int QUESTIONS = 3;

  /** systemd starts Patroni again after a second, and it takes two to start. */
  private static final int PATRONI_RESTARTS = 3000;

  /** systemd starts HAProxy again after 0.2 s, and it reads its configuration and certificates. */
  private static final int BALANCER_RESTARTS = 700;

  /** Keepalived gives the address away when as many checks in a row have failed. */
  private static final int FAILED_CHECKS = 2;

  /** The part of an advertisement's interval that a balancer waits by its priority, at worst. */
  private static final double SKEW = (256 - 149) / 256.0;

  private static final double ADVERTISEMENTS = 3 + SKEW;

  /** The model of a cluster. */
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
    return switchover() + ARCHIVE_ASKED * millis(timings.postgresql().repositoryPingTimeout());
  }

  int switchoverAskingASilentMember() {
    return switchover() + RACE;
  }

  int leaseRunsOut() {
    return millis(timings.patroni().ttl()) + ETCD_ENDS_LEASE + RACE + PROMOTION + balancerUp();
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

  /** A client is refused until HAProxy tries again, or sees a server that it had seen go. */
  int poolRestarts() {
    return POOL_RESTARTS + Math.max(BALANCER_RETRIES, balancerUp());
  }

  int poolHangs() {
    return WATCH + QUESTIONS * millis(timings.healthCheck().timeout()) + poolRestarts();
  }

  int poolStaysDead() {
    return handoverAfter * 1000 + 3 * WATCH + switchover();
  }

  int addressMoves() {
    return (int) (ADVERTISEMENTS * timings.vrrp().advertInterval().toMillis());
  }

  /** A new HAProxy takes every server for one that is up until its first check has failed. */
  int balancerRestarts() {
    return BALANCER_RESTARTS + millis(timings.healthCheck().interval());
  }

  int balancerHangs() {
    return FAILED_CHECKS * millis(timings.vrrp().haproxyTimeout()) + balancerStaysDead();
  }

  /** The other balancer takes the address as soon as it is told that nobody has it. */
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
