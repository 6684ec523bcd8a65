package ninefold.lab;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import ninefold.description.Cluster;
import ninefold.description.Failover;

/**
 * The longest gap between two acknowledged writes that a client should see, for each fault or
 * change that is measured. A target is the worst case of the model, or the aim in
 * docs/performance.md if there is one. It contains no allowance for busy machines: tests allow
 * three times the target, and {@code bench/run faults} requires the target itself.
 */
enum Target {
  /** A clean stop, a promotion, and the time until HAProxy sees the new leader. */
  SWITCHOVER(FailoverModel::switchover, 2),

  /** A switchover in which the promotion also requests WAL from an archive that does not answer. */
  SWITCHOVER_WITHOUT_REPOSITORY(FailoverModel::switchoverWithoutArchive),

  /** The lease expires, and the leader race waits for the silent member. */
  LEADER_POWER_CUT(FailoverModel::leaseRunsOut, 25),

  /** As a power cut: Patroni waits for a PostgreSQL that does not answer, and its lease expires. */
  POSTGRESQL_FROZEN(FailoverModel::leaseRunsOut),

  /**
   * As a power cut: the leader is cut off from etcd and from the replicas that could confirm it.
   */
  LEADER_CUT_OFF(FailoverModel::leaseRunsOut),

  /** Patroni sees the crash in its next round, PostgreSQL starts, and the pool logs in again. */
  POSTMASTER_KILLED(FailoverModel::crash, 5),

  /** Open sessions continue without a postmaster. */
  POSTMASTER_STOPPED(Target::unnoticed),

  /** A switchover that may wait for the stopping member. */
  PATRONI_STOPPED(FailoverModel::switchoverAskingASilentMember),

  /** PostgreSQL keeps running; HAProxy drops the leader until its Patroni answers again. */
  PATRONI_KILLED(FailoverModel::patroniRestarts),

  /** systemd restarts PgBouncer, and HAProxy connects again. */
  PGBOUNCER_KILLED(FailoverModel::poolRestarts),

  /** The watch notices the hang and kills PgBouncer; then as above. */
  PGBOUNCER_HUNG(FailoverModel::poolHangs),

  /** {@code pooling.handoverAfter}, the time until the watch notices it, and a switchover. */
  PGBOUNCER_KEPT_DEAD(FailoverModel::poolStaysDead),

  /** The other balancer misses three advertisements. */
  BALANCER_POWER_CUT(FailoverModel::addressMoves),

  /** systemd restarts HAProxy, and its first checks find the leader. */
  HAPROXY_KILLED(FailoverModel::balancerRestarts),

  /** Two checks of Keepalived time out, and it releases the address. */
  HAPROXY_HUNG(FailoverModel::balancerHangs),

  /** Two checks of Keepalived fail at once, and it releases the address. */
  HAPROXY_KEPT_DEAD(FailoverModel::balancerStaysDead),

  /** The other members elect a leader, and Patroni uses a different member. */
  ETCD_MEMBER_OFF(Target::unnoticed),

  /** Failsafe mode: the replicas confirm the leader. */
  ETCD_OUT_OF_REACH(Target::unnoticed),

  /**
   * The leader drops the silent synchronous replica; Patroni chooses a new one in its next round.
   */
  REPLICA_SILENT(FailoverModel::replicaGivenUp),

  /**
   * The replica disconnects; if it was the synchronous one, Patroni chooses a new one in its next
   * round.
   */
  REPLICA_MADE_ANEW(FailoverModel::round),

  /** No process restarts, and no session is closed. */
  RELOAD(Target::unnoticed),

  /** Only etcd's members restart, one after the other. */
  ETCD_RESTARTS(Target::unnoticed),

  /** Before a replica restarts, Patroni makes the other one synchronous. */
  REPLICA_RESTARTS(Target::unnoticed),

  /** The leader restarts in place, which takes longer than a switchover. */
  POSTGRESQL_RESTARTS(FailoverModel::restartInPlace),

  /**
   * A client whose balancer stops waits for the driver's timeout of 5 s; every other gap is
   * shorter.
   */
  UPDATE(model -> 5000),

  /** A switchover, and the time until the Metastore reconnects. */
  METASTORE_SWITCHOVER(throughMetastore(FailoverModel::switchover)),

  /** The leader's power cut, and the time until the Metastore reconnects. */
  METASTORE_LEADER_POWER_CUT(throughMetastore(FailoverModel::leaseRunsOut)),

  /**
   * A balancer's power cut, and the 10 s after which the Metastore's kernel probes a silent peer in
   * the lab.
   */
  METASTORE_BALANCER_POWER_CUT(throughMetastore(model -> model.addressMoves() + 10_000)),

  /** A restart of PgBouncer, and the time until the Metastore reconnects. */
  METASTORE_PGBOUNCER_KILLED(throughMetastore(FailoverModel::poolRestarts));

  private static final int TEST_FACTOR = 3;

  /**
   * The least target: reconnects, disk flushes and delayed threads cause shorter gaps even without
   * a fault.
   */
  private static final int LEAST_MILLIS = 1000;

  // The functions have no state, which the checker cannot see.
  @SuppressWarnings("ImmutableEnumChecker")
  private final ToIntFunction<FailoverModel> model;

  private final OptionalInt fastAim;

  Target(ToIntFunction<FailoverModel> model) {
    this.model = model;
    this.fastAim = OptionalInt.empty();
  }

  Target(ToIntFunction<FailoverModel> model, int fastAimSeconds) {
    this.model = model;
    this.fastAim = OptionalInt.of(1000 * fastAimSeconds);
  }

  /** Returns the target for a cluster. */
  Duration in(Cluster cluster) {
    int modelled = modelled(cluster);
    int millis = cluster.failover() == Failover.FAST ? fastAim.orElse(modelled) : modelled;
    return Duration.ofMillis(Math.max(LEAST_MILLIS, millis));
  }

  /** Returns the worst case of the model, in ms. */
  int modelled(Cluster cluster) {
    return model.applyAsInt(FailoverModel.of(cluster));
  }

  /** Returns the gap that a test allows on a busy machine. */
  static Duration allowedInTests(Duration target) {
    return target.multipliedBy(TEST_FACTOR);
  }

  private static int unnoticed(FailoverModel model) {
    return 0;
  }

  /**
   * Adds the time until the Metastore reconnects: a pool waits at most 5 s between two attempts,
   * and the Metastore's handler 2 s.
   */
  private static ToIntFunction<FailoverModel> throughMetastore(
      ToIntFunction<FailoverModel> cluster) {
    return model -> cluster.applyAsInt(model) + 7000;
  }
}
