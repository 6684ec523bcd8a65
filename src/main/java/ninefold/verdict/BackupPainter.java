package ninefold.verdict;

import static java.util.Comparator.comparingDouble;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import ninefold.description.Role;

/** Draws the part of the picture that shows backups and archive. */
final class BackupPainter {
  private final Situation situation;

  BackupPainter(Situation situation) {
    this.situation = situation;
  }

  /** Backups and archive, if the repository told. */
  Optional<Picture.Backups> backups() {
    return situation
        .toldNodes(Role.REPOSITORY)
        .flatMap(node -> situation.of(node, Facts::backups).map(it -> backups(node, it)).stream())
        .findFirst();
  }

  private Picture.Backups backups(String node, BackupFacts facts) {
    List<BackupFacts.Backup> all = facts.backups().known().orElse(List.of());
    List<Picture.Gap> gaps = BackupChecks.gaps(facts, all).orElse(List.of());
    return new Picture.Backups(
        all.size(),
        all.stream().max(comparingDouble(BackupFacts.Backup::end)).map(it -> backup(node, it)),
        all.stream().min(comparingDouble(BackupFacts.Backup::begin)).map(it -> backup(node, it)),
        window(facts, all, gaps),
        gaps,
        facts.running(),
        situation
            .leading()
            .flatMap(it -> it.waiting().known())
            .map(it -> OptionalLong.of(it.segments()))
            .orElse(OptionalLong.empty()));
  }

  private Picture.Backup backup(String node, BackupFacts.Backup backup) {
    double now = situation.facts(node).orElseThrow().time();
    return new Picture.Backup(
        backup.label(),
        backup.type(),
        Moment.of(backup.end()),
        Painter.duration(now - backup.end()),
        backup.size(),
        backup.error());
  }

  /** From the end of the oldest backup that has no gap after it. */
  private Optional<Picture.Window> window(
      BackupFacts facts, List<BackupFacts.Backup> all, List<Picture.Gap> gaps) {
    Optional<Segment> lastGap =
        gaps.stream().map(gap -> Segment.parse(gap.last())).max(Comparator.naturalOrder());
    Optional<BackupFacts.Backup> from =
        all.stream()
            .filter(
                it ->
                    lastGap.filter(gap -> Segment.parse(it.first()).compareTo(gap) <= 0).isEmpty())
            .min(comparingDouble(BackupFacts.Backup::end));
    Optional<Segment> newest =
        facts.archive().known().flatMap(archived -> new Archive(archived).newest());
    return from.flatMap(
        backup ->
            newest.map(
                segment ->
                    new Picture.Window(
                        Moment.of(backup.end()),
                        situation
                            .leading()
                            .flatMap(it -> it.archiver().known())
                            .flatMap(PostgresqlFacts.Archiver::lastArchivedAt)
                            .map(Moment::of),
                        segment.toString())));
  }
}
