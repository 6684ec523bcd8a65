package ninefold.lab;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** All attempts, sorted by foothold. */
final class Attempts {
  private Attempts() {}

  static List<Attempt> all() {
    return Stream.of(
            CertificateAttempts.all(),
            HostAttempts.all(),
            PatroniAttempts.all(),
            RepositoryAttempts.all(),
            SqlAttempts.all(),
            WorkstationAttempts.all())
        .flatMap(attempts -> attempts)
        .sorted(comparing(Attempt::by))
        .toList();
  }

  /**
   * Returns a test for each attempt that the lab can make. Each test waits first until the cluster
   * is healthy.
   */
  static Stream<DynamicTest> on(AttackedCluster cluster) {
    return all().stream()
        .flatMap(attempt -> attempt.trial().stream().map(trial -> test(attempt, trial, cluster)));
  }

  private static DynamicTest test(Attempt attempt, Attempt.Trial trial, AttackedCluster cluster) {
    return DynamicTest.dynamicTest(
        attempt.by().row() + " tries to " + attempt.tries(),
        () -> {
          cluster.live().awaitHealthy();
          trial.on(cluster);
        });
  }

  /** The table of {@code docs/attempts.md}. */
  static String table() {
    return all().stream()
        .map(
            attempt ->
                "| %s | %s | %s |\n"
                    .formatted(attempt.by().row(), attempt.tries(), attempt.stoppedBy()))
        .collect(joining("", "| who | tries to | what stops it |\n|---|---|---|\n", ""));
  }
}
