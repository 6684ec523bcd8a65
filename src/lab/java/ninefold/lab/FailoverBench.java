package ninefold.lab;

import static ninefold.lab.FaultSuite.CLUSTER;
import static ninefold.lab.FaultSuite.LAB;
import static ninefold.lab.FaultSuite.OUTPUTS;

import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Measures the longest gap in writes for six faults, {@code -Dbench.rounds} times each, and prints
 * it with its target. {@code bench/run faults} parses the printed lines and judges them.
 */
@Tag("lab-containers")
@Tag("bench")
class FailoverBench {
  private static final int ROUNDS = Integer.getInteger("bench.rounds", 1);
  private static final String PROFILE =
      FaultSuite.DESCRIPTION.failover().name().toLowerCase(Locale.ROOT);

  @AfterEach
  void removeFaults() {
    LAB.removeFaults();
  }

  @Test
  void switchover() {
    rounds(
        "switchover",
        Target.SWITCHOVER,
        () -> FaultSuite.duringDisturbance("switchover", CLUSTER::switchover));
  }

  @Test
  void postmasterKilled() {
    rounds(
        "kill -9 of the postmaster",
        Target.POSTMASTER_KILLED,
        () -> {
          var leader = CLUSTER.leader();
          return FaultSuite.duringDisturbance(
              "postmaster killed", () -> CLUSTER.signalPostmaster(leader, "KILL"));
        });
  }

  @Test
  void powerOff() {
    rounds(
        "power cut of the leader",
        Target.LEADER_POWER_CUT,
        () -> {
          var old = CLUSTER.leader();
          return FaultSuite.during(
              "leader's power cut",
              client -> {
                LAB.powerOff(old);
                client.awaitFlowAwayFrom(
                    OUTPUTS.address(old), FaultSuite.patience(Target.LEADER_POWER_CUT));
                LAB.powerOn(old);
              });
        });
  }

  @Test
  void pgBouncerKilled() {
    rounds(
        "PgBouncer killed",
        Target.PGBOUNCER_KILLED,
        () -> FaultSuite.duringDisturbance("PgBouncer killed", () -> signalPgBouncer("KILL")));
  }

  @Test
  void pgBouncerHung() {
    rounds(
        "PgBouncer hung",
        Target.PGBOUNCER_HUNG,
        () -> FaultSuite.duringDisturbance("PgBouncer hung", () -> signalPgBouncer("STOP")));
  }

  @Test
  void balancerOff() {
    rounds(
        "power cut of the active balancer",
        Target.BALANCER_POWER_CUT,
        () -> {
          var holder = CLUSTER.holder();
          return FaultSuite.duringDisturbance(
              "active balancer's power cut",
              () -> {
                LAB.powerOff(holder);
                LAB.powerOn(holder);
              });
        });
  }

  private static void signalPgBouncer(String signal) {
    LAB.ssh(CLUSTER.leader(), "systemctl kill --kill-whom=main --signal=" + signal + " pgbouncer");
  }

  private static void rounds(String fault, Target target, Supplier<WriteReport> round) {
    long aim = target.in(FaultSuite.DESCRIPTION).toMillis();
    for (int i = 0; i < ROUNDS; i++) {
      CLUSTER.awaitHealthy();
      long gap = round.get().longestGap().toMillis();
      System.out.printf("bench: %s: %s: %d ms of %d ms%n", PROFILE, fault, gap, aim);
    }
  }
}
