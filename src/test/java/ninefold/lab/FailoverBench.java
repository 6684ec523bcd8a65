package ninefold.lab;

import static ninefold.lab.FaultSuite.CLUSTER;
import static ninefold.lab.FaultSuite.LAB;
import static ninefold.lab.FaultSuite.OUTPUTS;

import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The longest write gap of three faults, over {@code -Dbench.rounds} rounds each; {@code bench/run
 * faults} reads the lines that it prints.
 */
@Tag("lab-containers")
@Tag("bench")
class FailoverBench {
  private static final int ROUNDS = Integer.getInteger("bench.rounds", 1);
  private static final Duration LED_WITHIN = Duration.ofSeconds(90);

  @AfterEach
  void takeFaultsBack() {
    LAB.takeFaultsBack();
  }

  @Test
  void switchover() {
    rounds("switchover", () -> FaultSuite.duringDisturbance("switchover", CLUSTER::switchover));
  }

  @Test
  void postmasterKilled() {
    rounds(
        "kill -9 of the postmaster",
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
        () -> {
          var old = CLUSTER.leader();
          return FaultSuite.during(
              "leader's power cut",
              client -> {
                LAB.powerOff(old);
                client.awaitFlowAwayFrom(OUTPUTS.address(old), LED_WITHIN);
                LAB.powerOn(old);
              });
        });
  }

  private static void rounds(String fault, Supplier<WriteReport> round) {
    for (int i = 0; i < ROUNDS; i++) {
      CLUSTER.awaitHealthy();
      System.out.printf("bench: %s: %d ms%n", fault, round.get().longestGap().toMillis());
    }
  }
}
