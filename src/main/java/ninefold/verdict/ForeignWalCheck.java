package ninefold.verdict;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import ninefold.description.Role;

/**
 * Checks that only this cluster has archived to its stanza.
 *
 * <p>A copy of the cluster that was promoted has the same system identifier, so pgBackRest accepts
 * its WAL. Its timeline is newer than the leader's. A recovery to the newest WAL would follow that
 * timeline, because PostgreSQL takes the newest one that it finds.
 */
final class ForeignWalCheck {
  private ForeignWalCheck() {}

  static void run(ClusterFacts clusterFacts, Findings findings) {
    Optional<Long> leaders = clusterFacts.leaderPostgresql().map(PostgresqlFacts::timeline);
    clusterFacts
        .answeringNodes(Role.REPOSITORY)
        .forEach(
            node ->
                clusterFacts
                    .of(node, Facts::backups)
                    .flatMap(facts -> facts.archive().known())
                    .flatMap(ForeignWalCheck::newest)
                    .filter(newest -> leaders.filter(own -> own < newest).isPresent())
                    .ifPresent(newest -> report(findings, node, newest, leaders.orElseThrow())));
  }

  private static void report(Findings findings, String node, long newest, long leaders) {
    findings.add(
        Check.ARCHIVE_TIMELINE,
        node,
        "The archive has WAL of timeline %d, but the leader is on timeline %d: a different server archives to this stanza."
            .formatted(newest, leaders),
        "docs/operations/troubleshooting.md, WAL of a different server");
  }

  private static Optional<Long> newest(List<BackupFacts.Archived> archive) {
    return archive.stream().map(BackupFacts.Archived::timeline).max(Comparator.naturalOrder());
  }
}
