package ninefold.lab;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.stream.Stream;

/** All attempts, by foothold. */
final class Attempts {
  private Attempts() {}

  static List<Attempt> all() {
    return Stream.<Stream<Attempt>>of(HostAttempts.all())
        .flatMap(attempts -> attempts)
        .sorted(comparing(Attempt::by))
        .toList();
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
