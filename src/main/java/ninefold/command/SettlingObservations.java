package ninefold.command;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import ninefold.verdict.Check;
import ninefold.verdict.Facts;
import ninefold.verdict.Finding;
import ninefold.verdict.PostgresqlFacts;

/**
 * The first and the last observation of a cluster that settles after a change. A replica that does
 * not stream, but has replayed WAL from the archive in between, is catching up: the steps of {@code
 * pulumi up} do not wait for it, so {@code pulumi up} only warns of it.
 *
 * @param first the first observation
 * @param last the last observation
 */
record SettlingObservations(Observation first, Observation last) {
  private static final String ARCHIVE_RECOVERY = "in archive recovery";

  /** The findings that fail {@code pulumi up}. */
  List<Finding> failing() {
    return last.verdict().failing().stream().filter(finding -> !isCatchingUp(finding)).toList();
  }

  /** The findings of which {@code pulumi up} only warns. */
  List<Finding> warnings() {
    return Stream.concat(
            last.verdict().warnings().stream(),
            last.verdict().failing().stream().filter(this::isCatchingUp))
        .toList();
  }

  private boolean isCatchingUp(Finding finding) {
    return finding.check() == Check.MEMBER_STATE
        && finding.node().filter(this::isReplaying).isPresent()
        && last.verdict().overview().members().stream()
            .anyMatch(member -> member.state().equals("streaming"));
  }

  private boolean isReplaying(String node) {
    var position = position(last, node);
    return last.verdict().overview().members().stream()
            .anyMatch(it -> it.name().equals(node) && it.state().equals(ARCHIVE_RECOVERY))
        && position.isPresent()
        && position(first, node).filter(before -> position.get() > before).isPresent();
  }

  /** The position up to which a replica has replayed WAL, in bytes. */
  private static Optional<Long> position(Observation observation, String node) {
    return observation
        .facts(node)
        .map(Facts::postgresql)
        .flatMap(postgresql -> postgresql.known())
        .filter(PostgresqlFacts::recovery)
        .map(PostgresqlFacts::lsn);
  }
}
