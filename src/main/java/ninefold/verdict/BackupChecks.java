package ninefold.verdict;

import static java.util.Comparator.comparingDouble;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import ninefold.description.Health;
import ninefold.description.Role;

/** Checks that the cluster can be restored to any time since its oldest backup. */
final class BackupChecks {
  private static final String PAGE = "docs/operations/backup-and-restore.md";
  private static final int NO_BACKUPS = 2;
  private static final double HOUR = 3600;

  private final ClusterFacts clusterFacts;
  private final Findings findings;

  private BackupChecks(ClusterFacts clusterFacts, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.findings = findings;
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    BackupChecks checks = new BackupChecks(clusterFacts, findings);
    clusterFacts
        .answeringNodes(Role.REPOSITORY)
        .forEach(
            node -> clusterFacts.of(node, Facts::backups).ifPresent(it -> checks.on(node, it)));
    clusterFacts.answeringNodes(Role.REPOSITORY).forEach(checks::versions);
    clusterFacts
        .leaderPostgresql()
        .ifPresent(it -> checks.archiving(clusterFacts.leader().orElseThrow(), it));
  }

  private void on(String node, BackupFacts facts) {
    stanza(node, facts);
    Optional<List<BackupFacts.Backup>> backups = facts.backups().known();
    // With an error of the stanza, pgBackRest lists no backups, though there may be some.
    boolean listed = facts.status() == 0;
    if (facts.status() == NO_BACKUPS || (listed && backups.filter(List::isEmpty).isPresent())) {
      findings.add(
          Check.BACKUP_MISSING,
          node,
          "There is no backup of stanza " + facts.stanza() + ".",
          "sudo systemctl start pgbackrest-backup@full on " + node);
    } else {
      backups.filter(all -> !all.isEmpty()).ifPresent(all -> newest(node, all));
    }
    backups
        .flatMap(all -> gapsSinceNewest(facts, all))
        .filter(gaps -> !gaps.isEmpty())
        .ifPresent(gaps -> gap(node, gaps));
    facts.jobs().known().ifPresent(jobs -> failed(node, jobs));
  }

  private void stanza(String node, BackupFacts facts) {
    String described = clusterFacts.cluster().stanza();
    if (!facts.stanza().equals(described)) {
      findings.add(
          Check.STANZA,
          node,
          "The repository has stanza %s, but the description has %s."
              .formatted(facts.stanza(), described),
          PAGE);
    } else if (facts.status() != 0 && facts.status() != NO_BACKUPS) {
      findings.add(
          Check.STANZA,
          node,
          "pgBackRest reports for stanza %s: %s (status %d)."
              .formatted(facts.stanza(), facts.message(), facts.status()),
          "sudo -u pgbackrest pgbackrest --stanza=" + described + " check on " + node);
    }
  }

  private void versions(String repository) {
    Optional<String> repositoryVersion = version(repository);
    if (repositoryVersion.isEmpty()) {
      return;
    }
    clusterFacts
        .answeringNodes(Role.POSTGRES)
        .forEach(
            node ->
                version(node)
                    .filter(nodeVersion -> !nodeVersion.equals(repositoryVersion.get()))
                    .ifPresent(
                        nodeVersion ->
                            differs(node, nodeVersion, repository, repositoryVersion.get())));
  }

  private void differs(
      String node, String nodeVersion, String repository, String repositoryVersion) {
    findings.add(
        Check.PGBACKREST_VERSION,
        node,
        "pgBackRest has version %s on %s but %s on %s; different versions cannot work together."
            .formatted(nodeVersion, node, repositoryVersion, repository),
        "docs/operations/upgrading.md, The same version of pgBackRest everywhere");
  }

  /** The version that pgBackRest compares: without Debian's revision of the package. */
  private Optional<String> version(String node) {
    return clusterFacts
        .of(node, Facts::conformity, ConformityFacts::packages)
        .flatMap(all -> all.stream().filter(it -> it.name().equals("pgbackrest")).findFirst())
        .flatMap(ConformityFacts.Installed::installed)
        .map(installed -> installed.replaceFirst("-[^-]*$", ""));
  }

  private void newest(String node, List<BackupFacts.Backup> backups) {
    BackupFacts.Backup newest =
        backups.stream().max(comparingDouble(BackupFacts.Backup::end)).orElseThrow();
    double hours = (clusterFacts.facts(node).orElseThrow().time() - newest.end()) / HOUR;
    Health health = clusterFacts.cluster().health();
    long limit = health.backupAge().toHours();
    if (hours > limit) {
      findings.add(
          Check.BACKUP_OLD,
          node,
          "The newest backup, %s, is %s old; the limit is %d h."
              .formatted(newest.label(), FindingText.duration(hours * HOUR), limit),
          "look at systemctl list-timers 'pgbackrest*' on %s; health.backupAge sets the limit"
              .formatted(node));
    }
    if (newest.error()) {
      findings.add(
          Check.BACKUP_FAILED,
          node,
          "The newest backup, " + newest.label() + ", contains damaged pages.",
          "sudo -u pgbackrest pgbackrest info --set=" + newest.label() + " on " + node);
    }
  }

  private void failed(String node, List<BackupFacts.Job> jobs) {
    List<String> problems =
        jobs.stream()
            .filter(job -> !job.result().equals("success"))
            .map(job -> "the last run of " + job.unit() + " ended with " + job.result())
            .toList();
    findings.addAll(
        Check.BACKUP_FAILED,
        node,
        problems,
        "look at journalctl -u 'pgbackrest-backup@*' -u pgbackrest-keep on " + node);
  }

  /**
   * The segments that are missing since the oldest backup with continuous WAL; empty if the archive
   * is not known.
   */
  static Optional<List<ClusterOverview.Gap>> gaps(BackupFacts facts) {
    return gaps(facts, facts.continuousBackups().stream().findFirst());
  }

  /** The gaps that no later backup has closed. */
  private static Optional<List<ClusterOverview.Gap>> gapsSinceNewest(
      BackupFacts facts, List<BackupFacts.Backup> backups) {
    return gaps(facts, backups.stream().max(comparingDouble(BackupFacts.Backup::end)));
  }

  private static Optional<List<ClusterOverview.Gap>> gaps(
      BackupFacts facts, Optional<BackupFacts.Backup> since) {
    return facts
        .archive()
        .known()
        .flatMap(
            archived ->
                since.map(
                    backup ->
                        new WalArchive(archived)
                            .gaps(
                                WalSegment.parse(backup.first()),
                                WalSegment.parse(backup.last()))));
  }

  private void gap(String node, List<ClusterOverview.Gap> gaps) {
    long segments = gaps.stream().mapToLong(ClusterOverview.Gap::segments).sum();
    List<String> named = new ArrayList<>();
    for (ClusterOverview.Gap gap : gaps) {
      named.add(gap.segments() == 1 ? gap.first() : gap.first() + " to " + gap.last());
    }
    findings.add(
        Check.ARCHIVE_GAP,
        node,
        "%s missing in the archive since the newest backup: %s."
            .formatted(
                FindingText.count(segments, "segment") + (segments == 1 ? " is" : " are"),
                FindingText.list(named)),
        "the repository starts a backup within minutes, because earlier ones cannot be restored beyond"
            + " the gap; if it does not: sudo systemctl start pgbackrest-backup@diff on "
            + node);
  }

  private void archiving(String leader, PostgresqlFacts postgresql) {
    Optional<PostgresqlFacts.Waiting> waiting =
        postgresql.waiting().known().filter(it -> it.segments() > 0);
    if (waiting.isEmpty()) {
      return;
    }
    double now = clusterFacts.facts(leader).orElseThrow().time();
    long limit = clusterFacts.cluster().health().archiveWait().toSeconds();
    Optional<Double> age = waiting.get().oldest().map(since -> now - since);
    String next =
        "look at journalctl -u patroni on %s for pgbackrest-push; docs/operations/repository-lost.md"
            .formatted(leader);
    if (age.filter(it -> it > limit).isPresent()) {
      findings.add(
          Check.ARCHIVE_WAITS,
          leader,
          "%s to be archived on %s, the oldest for %s; the limit is %d s."
              .formatted(
                  waits(waiting.get().segments()), leader, FindingText.duration(age.get()), limit),
          next);
    } else if (postgresql.archiver().known().filter(BackupChecks::failsNow).isPresent()) {
      findings.add(
          Check.ARCHIVE_FAILS,
          leader,
          "The last attempt to archive a segment failed on %s; %s."
              .formatted(leader, waits(waiting.get().segments())),
          next);
    }
  }

  private static String waits(long segments) {
    return FindingText.count(segments, "segment") + " " + FindingText.verb(segments, "wait");
  }

  private static boolean failsNow(PostgresqlFacts.Archiver archiver) {
    return archiver.lastFailedAt().orElse(0.0) > archiver.lastArchivedAt().orElse(0.0);
  }
}
