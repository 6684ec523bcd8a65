package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;

/**
 * What a fault did to a client.
 *
 * @param fault its name
 * @param longestGap the longest time between two acknowledged writes
 * @param log what the client was told
 * @param nodes what each node has, by its name
 */
record WriteReport(
    String fault, Duration longestGap, WriteLog log, Map<String, WriteLog.Comparison> nodes) {

  String line() {
    var worst = nodes.values().stream().mapToInt(node -> node.missing().size()).max().orElse(0);
    var present =
        nodes.values().stream().mapToInt(WriteLog.Comparison::unknownPresent).max().orElse(0);
    return ("%-34s longest gap %6d ms, acknowledged %6d, failed %4d, unknown %3d"
            + " (%d of them written), missing %d")
        .formatted(
            fault,
            longestGap.toMillis(),
            log.acknowledged(),
            log.failed(),
            log.unknown(),
            present,
            worst);
  }

  /** Nothing acknowledged is missing anywhere, and nothing that failed is there. */
  WriteReport requireNothingLost() {
    nodes.forEach(
        (node, has) ->
            assertThat(has.clean())
                .withFailMessage(
                    "%s: %s lacks acknowledged writes %s, and has writes that failed: %s",
                    fault, node, has.missing(), has.uninvited())
                .isTrue());
    return this;
  }

  /** The longest gap stays below a bound; the message says what the client met. */
  void requireGapBelow(Duration bound) {
    assertThat(longestGap)
        .withFailMessage(
            "%s: no write was acknowledged for %d ms, more than %d ms; errors met: %s",
            fault, longestGap.toMillis(), bound.toMillis(), log.errors())
        .isLessThan(bound);
  }
}
