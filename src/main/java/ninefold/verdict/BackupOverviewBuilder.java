package ninefold.verdict;

import static java.util.Comparator.comparingDouble;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import ninefold.description.Role;

/** Builds the overview of the backups and the WAL archive. */
final class BackupOverviewBuilder {
  private final ClusterFacts clusterFacts;

  BackupOverviewBuilder(ClusterFacts clusterFacts) {
    this.clusterFacts = clusterFacts;
  }

  /** The backups and the archive, if the repository answers. */
  Optional<ClusterOverview.Backups> backups() {
    return clusterFacts
        .answeringNodes(Role.REPOSITORY)
        .flatMap(
            node -> clusterFacts.of(node, Facts::backups).map(it -> backups(node, it)).stream())
        .findFirst();
  }

  private ClusterOverview.Backups backups(String node, BackupFacts facts) {
    List<BackupFacts.Backup> all = facts.backups().known().orElse(List.of());
    List<ClusterOverview.Gap> gaps = BackupChecks.gaps(facts).orElse(List.of());
    return new ClusterOverview.Backups(
        all.size(),
        all.stream().max(comparingDouble(BackupFacts.Backup::end)).map(it -> backup(node, it)),
        all.stream().min(comparingDouble(BackupFacts.Backup::begin)).map(it -> backup(node, it)),
        window(facts, gaps),
        gaps,
        facts.running(),
        clusterFacts
            .leaderPostgresql()
            .flatMap(it -> it.waiting().known())
            .map(it -> OptionalLong.of(it.segments()))
            .orElse(OptionalLong.empty()));
  }

  private ClusterOverview.Backup backup(String node, BackupFacts.Backup backup) {
    double now = clusterFacts.facts(node).orElseThrow().time();
    return new ClusterOverview.Backup(
        backup.label(),
        backup.type(),
        EpochSeconds.of(backup.end()),
        OverviewBuilder.duration(now - backup.end()),
        backup.size(),
        backup.error());
  }

  /** The recovery window, which starts at the end of the oldest backup without a gap after it. */
  private Optional<ClusterOverview.Window> window(
      BackupFacts facts, List<ClusterOverview.Gap> gaps) {
    Optional<WalSegment> lastGap =
        gaps.stream().map(gap -> WalSegment.parse(gap.last())).max(Comparator.naturalOrder());
    Optional<BackupFacts.Backup> from =
        facts.continuousBackups().stream()
            .filter(
                it ->
                    lastGap
                        .filter(gap -> WalSegment.parse(it.first()).compareTo(gap) <= 0)
                        .isEmpty())
            .min(comparingDouble(BackupFacts.Backup::end));
    Optional<WalSegment> newest =
        facts.archive().known().flatMap(archived -> new WalArchive(archived).newest());
    return from.flatMap(
        backup ->
            newest.map(
                segment ->
                    new ClusterOverview.Window(
                        EpochSeconds.of(backup.end()),
                        clusterFacts
                            .leaderPostgresql()
                            .flatMap(it -> it.archiver().known())
                            .flatMap(PostgresqlFacts.Archiver::lastArchivedAt)
                            .map(EpochSeconds::of),
                        segment.toString())));
  }
}
