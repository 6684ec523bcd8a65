package ninefold.command;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import ninefold.verdict.Check;
import ninefold.verdict.Facts;
import ninefold.verdict.Finding;
import ninefold.verdict.PostgresqlFacts;

/**
 * The first and the last look at a cluster that comes to rest. What moved between them tells
 * whether a replica that does not stream comes along by the archive: the steps of an {@code up} do
 * not wait for such a one, and the {@code up} only warns of it.
 *
 * @param first the first look
 * @param last the last look
 */
record SettlingObservations(Observation first, Observation last) {
  private static final String REPLAYING = "in archive recovery";

  /** The findings that fail an {@code up}. */
  List<Finding> failing() {
    return last.verdict().failing().stream().filter(finding -> !comesAlong(finding)).toList();
  }

  /** The findings that an {@code up} only warns of. */
  List<Finding> warnings() {
    return Stream.concat(
            last.verdict().warnings().stream(),
            last.verdict().failing().stream().filter(this::comesAlong))
        .toList();
  }

  private boolean comesAlong(Finding finding) {
    return finding.check() == Check.MEMBER_STATE
        && finding.node().filter(this::replays).isPresent()
        && last.verdict().picture().members().stream()
            .anyMatch(member -> member.state().equals("streaming"));
  }

  private boolean replays(String node) {
    var position = position(last, node);
    return last.verdict().picture().members().stream()
            .anyMatch(it -> it.name().equals(node) && it.state().equals(REPLAYING))
        && position.isPresent()
        && position(first, node).filter(before -> position.get() > before).isPresent();
  }

  /** What a replica has replayed, bytes. */
  private static Optional<Long> position(Observation look, String node) {
    return look.facts(node)
        .map(Facts::postgresql)
        .flatMap(postgresql -> postgresql.known())
        .filter(PostgresqlFacts::recovery)
        .map(PostgresqlFacts::lsn);
  }
}
