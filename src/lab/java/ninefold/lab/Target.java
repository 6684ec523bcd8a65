package ninefold.lab;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import ninefold.description.Cluster;
import ninefold.description.Failover;

/**
 * The longest gap between two acknowledged writes that a client should see, for each fault and
 * change that is measured. A target is the model's worst case, or the aim in docs/performance.md if
 * there is one. It makes no allowance for busy machines: tests assert three times the target, and
 * {@code bench/run faults} the target itself of the faults that it measures.
 */
enum Target {
  /** A clean stop, a promotion, and HAProxy sees the new leader. */
  SWITCHOVER(FailoverModel::switchover, 2),

  /** The same, and the promotion asks an archive that doesn't answer. */
  SWITCHOVER_WITHOUT_REPOSITORY(FailoverModel::switchoverWithoutArchive),

  /** The lease runs out, and the race waits for the silent member. */
  LEADER_POWER_CUT(FailoverModel::leaseRunsOut, 25),

  /** As a power cut: Patroni waits for a PostgreSQL that says nothing, and its lease runs out. */
  POSTGRESQL_FROZEN(FailoverModel::leaseRunsOut),

  /** The same, cut off from etcd and from the replicas that could vouch for the leader. */
  LEADER_CUT_OFF(FailoverModel::leaseRunsOut),

  /** Patroni sees the crash in its next round, and PostgreSQL and the pool's logins come back. */
  POSTMASTER_KILLED(FailoverModel::crash, 5),

  /** Sessions that are there go on without a postmaster. */
  POSTMASTER_STOPPED(Target::unnoticed),

  /** A switchover in which the member that stops may be waited for. */
  PATRONI_STOPPED(FailoverModel::switchoverAskingASilentMember),

  /** PostgreSQL keeps running; HAProxy drops the leader until its Patroni answers again. */
  PATRONI_KILLED(FailoverModel::patroniRestarts),

  /** systemd starts it again, and HAProxy connects again. */
  PGBOUNCER_KILLED(FailoverModel::poolRestarts),

  /** Its watch has to see it, and kills it. */
  PGBOUNCER_HUNG(FailoverModel::poolHangs),

  /** {@code pooling.handoverAfter}, what its watch takes to see it, and a switchover. */
  PGBOUNCER_KEPT_DEAD(FailoverModel::poolStaysDead),

  /** Three advertisements are missed. */
  BALANCER_POWER_CUT(FailoverModel::addressMoves),

  /** systemd starts it again, and its first checks tell which server is the leader. */
  HAPROXY_KILLED(FailoverModel::balancerRestarts),

  /** Keepalived asks twice, waits for an answer each time, and gives the address away. */
  HAPROXY_HUNG(FailoverModel::balancerHangs),

  /** Keepalived is refused twice, and gives the address away. */
  HAPROXY_KEPT_DEAD(FailoverModel::balancerStaysDead),

  /** The other members elect a leader, and Patroni asks another one. */
  ETCD_MEMBER_OFF(Target::unnoticed),

  /** Failsafe mode: the replicas vouch for the leader. */
  ETCD_OUT_OF_REACH(Target::unnoticed),

  /** The leader gives the synchronous replica up; Patroni waits for another in its next round. */
  REPLICA_SILENT(FailoverModel::replicaGivenUp),

  /** It ends its connection; if it was the synchronous one, Patroni sees so in its next round. */
  REPLICA_MADE_ANEW(FailoverModel::round),

  /** No process ends, and no session is cut. */
  RELOAD(Target::unnoticed),

  /** etcd's members restart one after the other, and nothing else does. */
  ETCD_RESTARTS(Target::unnoticed),

  /** A replica that restarts is not the synchronous one: Patroni makes the other one that first. */
  REPLICA_RESTARTS(Target::unnoticed),

  /** The leader restarts in its place, which takes longer than a switchover. */
  POSTGRESQL_RESTARTS(FailoverModel::restartInPlace),

  /** A client of a balancer that stops waits for the driver's 5 s; every other gap is shorter. */
  UPDATE(model -> 5000),

  /** A switchover, and then the Metastore has to notice. */
  METASTORE_SWITCHOVER(throughMetastore(FailoverModel::switchover)),

  /** The leader's power cut, and then the Metastore has to notice. */
  METASTORE_LEADER_POWER_CUT(throughMetastore(FailoverModel::leaseRunsOut)),

  /** A balancer's, and the Metastore's kernel asks a silent peer after the 10 s of the lab. */
  METASTORE_BALANCER_POWER_CUT(throughMetastore(model -> model.addressMoves() + 10_000)),

  /** PgBouncer's end, and then the Metastore has to notice. */
  METASTORE_PGBOUNCER_KILLED(throughMetastore(FailoverModel::poolRestarts));

  private static final int TESTS_ALLOW = 3;

  /** Reconnects, disk flushes and late threads cause shorter gaps, not the cluster. */
  private static final int LEAST_MILLIS = 1000;

  // A function of a record can't change, which the checker doesn't see.
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

  /** The target in a cluster of this description. */
  Duration in(Cluster cluster) {
    int modelled = modelled(cluster);
    int millis = cluster.failover() == Failover.FAST ? fastAim.orElse(modelled) : modelled;
    return Duration.ofMillis(Math.max(LEAST_MILLIS, millis));
  }

  /** What the model says at worst, ms. */
  int modelled(Cluster cluster) {
    return model.applyAsInt(FailoverModel.of(cluster));
  }

  /** What a test allows on a machine that does much else beside. */
  static Duration allowedInTests(Duration target) {
    return target.multipliedBy(TESTS_ALLOW);
  }

  private static int unnoticed(FailoverModel model) {
    return 0;
  }

  /** A pool waits 5 s at most between two tries to connect, and the Metastore's handler 2 s. */
  private static ToIntFunction<FailoverModel> throughMetastore(
      ToIntFunction<FailoverModel> cluster) {
    return model -> cluster.applyAsInt(model) + 7000;
  }
}
