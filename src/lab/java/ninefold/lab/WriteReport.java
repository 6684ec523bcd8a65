package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;

/**
 * The effect of a fault on a client that writes.
 *
 * @param fault the name of the fault
 * @param longestGap the longest time between two acknowledged writes
 * @param log the outcomes that the client saw
 * @param nodes the comparison with the rows of each node, by its name
 */
record WriteReport(
    String fault, Duration longestGap, WriteLog log, Map<String, WriteLog.Comparison> nodes) {

  String line(Duration target) {
    var worst = nodes.values().stream().mapToInt(node -> node.missing().size()).max().orElse(0);
    var present =
        nodes.values().stream().mapToInt(WriteLog.Comparison::unknownPresent).max().orElse(0);
    return ("%-34s longest gap %6d ms of %6d ms, acknowledged %6d, failed %4d, unknown %3d"
            + " (%d of them written), missing %d")
        .formatted(
            fault,
            longestGap.toMillis(),
            target.toMillis(),
            log.acknowledged(),
            log.failed(),
            log.unknown(),
            present,
            worst);
  }

  /** Requires that every node has all acknowledged writes and no failed one. */
  WriteReport requireNothingLost() {
    nodes.forEach(
        (node, has) ->
            assertThat(has.clean())
                .withFailMessage(
                    "%s: %s lacks acknowledged writes %s, and has writes that failed: %s;"
                        + " the longest gap was %d ms",
                    fault, node, has.missing(), has.unexpected(), longestGap.toMillis())
                .isTrue());
    return this;
  }

  /** Prints the longest gap, and requires that it is at most three times the target. */
  void requireGapWithin(Target target) {
    requireGapWithin(target.in(FaultSuite.DESCRIPTION));
  }

  /** Does the same; the message of a failure contains the errors that the client saw. */
  void requireGapWithin(Duration target) {
    System.out.println(line(target));
    assertThat(longestGap)
        .withFailMessage(
            "%s: no write was acknowledged for %d ms, more than three times the target of %d ms;"
                + " errors: %s",
            fault, longestGap.toMillis(), target.toMillis(), log.errors())
        .isLessThanOrEqualTo(Target.allowedInTests(target));
  }
}
