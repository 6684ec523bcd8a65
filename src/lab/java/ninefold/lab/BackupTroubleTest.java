package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import ninefold.verdict.Check;
import ninefold.verdict.Finding;
import ninefold.verdict.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Trouble with the archive and with backups: writes go on, the verdict names the trouble, and no
 * WAL is lost unless a limit says so.
 */
@Tag("backups-long")
final class BackupTroubleTest extends FaultSuite {
  private static final String CONFIGURATION = "/etc/pgbackrest/pgbackrest.conf";
  private static final String REPOSITORY = "repository";
  private static final String DATA = "/var/lib/pgbackrest";
  private static final Duration MINUTES = Duration.ofMinutes(4);
  private static final int SEGMENT_MIB = 16;

  /** The lowered queue limit, in segments. */
  private static final int LIMIT = 4;

  /** What undoes each trouble; the last one is undone first. */
  private final List<Runnable> remedies = new ArrayList<>();

  /** Runs before the machines that are off are started, so it starts them itself. */
  @AfterEach
  void removeTrouble() {
    LAB.removeFaults();
    for (int i = remedies.size() - 1; i >= 0; i--) {
      remedies.get(i).run();
    }
    // A backup that a test has made fail must not count for the next one.
    LAB.ssh(REPOSITORY, "systemctl reset-failed 'pgbackrest-*'");
    if (isReported(Check.ARCHIVE_GAP)) {
      repository(MINUTES, "--type=full --repo1-retention-full=1 backup");
    }
  }

  /**
   * The repository is out of reach until the queue limit was passed twice. The leader drops WAL
   * instead of filling its disk, and the gap is closed by a backup that nobody has to start.
   */
  @Test
  void unreachableRepository_dropsWalAtTheLimit_andABackupClosesTheGap() {
    var leader = CLUSTER.leader();
    change(
        leader,
        CONFIGURATION,
        "sed -i -E 's/^(archive-push-queue-max)=.*/\\1=%dMiB/; s/^(io-timeout|archive-timeout)=.*/\\1=10/' FILE"
            .formatted(LIMIT * SEGMENT_MIB));
    var began = time(leader);
    var last = newestBackup();
    during(
            "repository unreachable",
            client -> {
              LAB.cut(REPOSITORY, CLUSTER.databases());
              int written = 0;
              for (int pass = 1; pass <= 2; pass++) {
                written += switchWal(leader, LIMIT + 2);
                awaitDropped(leader, began, written - LIMIT);
              }
              LAB.heal();
              awaitArchived(leader);
            })
        .requireGapWithin(Target.RELOAD);

    Eventually.holds(
        "a backup has closed the gap",
        Duration.ofMinutes(8),
        () ->
            newestBackup().equals(last)
                ? Optional.of("the newest backup is still " + last)
                : reported(Check.ARCHIVE_GAP));
    assertThat(OperatorCommand.runForStandardOutput("status").output()).containsIgnoringCase("gap");
  }

  /** A full disk stops archive and backups, and nothing else. With space again, nothing is lost. */
  @Test
  void fullRepository_isReported_andWalWaits() {
    var leader = CLUSTER.leader();
    moveRepositoryToSmallDisk();
    var before = backups();
    during(
            "repository full",
            client -> {
              LAB.ssh(
                  REPOSITORY,
                  "head -c 200M /dev/zero >%s/filler 2>/dev/null || true".formatted(DATA));
              switchWal(leader, 2);
              startBackup("diff");
              awaitReported(Check.SPACE);
              awaitReported(Check.ARCHIVE_FAILS, Check.ARCHIVE_WAITS);
              awaitReported(Check.BACKUP_FAILED);
              assertThat(backups()).isEqualTo(before);
              LAB.ssh(REPOSITORY, "rm %s/filler".formatted(DATA));
              awaitArchived(leader);
            })
        .requireGapWithin(Target.RELOAD);

    assertThat(findings()).noneMatch(finding -> finding.check() == Check.ARCHIVE_GAP);
    takeBackup("diff");
    assertThat(backups()).hasSizeGreaterThan(before.size());
    assertThat(repository(MINUTES, "verify")).doesNotContain("invalid", "missing");
  }

  /** With a wrong passphrase nothing is written to the repository, and WAL waits. */
  @Test
  void wrongPassphrase_isReported_andWalWaits() {
    var leader = CLUSTER.leader();
    var file = "/etc/pgbackrest/conf.d/passphrase.conf";
    change(REPOSITORY, file, "sed -i 's/^repo1-cipher-pass=.*/&-but-wrong/' FILE");
    LAB.ssh(REPOSITORY, "systemctl reload-or-restart pgbackrest");
    var before = archived();
    switchWal(leader, 2);
    startBackup("diff");

    awaitReported(Check.STANZA, Check.BACKUP_FAILED);
    awaitReported(Check.ARCHIVE_FAILS, Check.ARCHIVE_WAITS);
    assertThat(archived()).isEqualTo(before);

    undoLast();
    LAB.ssh(REPOSITORY, "systemctl reload-or-restart pgbackrest");
    awaitArchived(leader);
    assertThat(findings()).noneMatch(finding -> finding.check() == Check.ARCHIVE_GAP);
    takeBackup("diff");
  }

  /** The same through {@code up}: the step names the setting, and the next {@code up} repairs. */
  @Test
  void wrongPassphraseInTheConfiguration_isNamedByUp() {
    var right = backupPassphrase();
    var leader = CLUSTER.leader();
    remedies.add(() -> ChangeSuite.configure("backupPassphrase", right, "--secret"));
    ChangeSuite.configure("backupPassphrase", right + "-but-wrong", "--secret");
    try {
      assertThat(ChangeSuite.timed("up: wrong passphrase", PulumiRun.up().run().failed()).output())
          .contains("ninefold:backupPassphrase");
    } finally {
      undoLast();
      ChangeSuite.timed("up: right passphrase", PulumiRun.up().run().succeeded());
    }
    switchWal(leader, 1);
    awaitArchived(leader);
    CLUSTER.awaitHealthy();
    takeBackup("diff");
  }

  /** The archive accepts no WAL of a different cluster, even from a machine of this one. */
  @Test
  void walOfAnotherCluster_isRefused() {
    var leader = CLUSTER.leader();
    var folder = "/var/tmp/other";
    remedies.add(() -> LAB.ssh(leader, "rm -rf " + folder));
    LAB.ssh(
        leader,
        MINUTES,
        """
        install -d -o postgres -g postgres -m 0700 %1$s
        cd %1$s
        runuser -u postgres -- /usr/lib/postgresql/*/bin/initdb --no-sync --auth=peer data >/dev/null
        """
            .formatted(folder));
    var before = archived();

    var refused = push(leader, "%s/data/pg_wal/%s".formatted(folder, "000000010000000000000001"));

    assertThat(refused).contains("system-id", "status");
    assertThat(refused).doesNotContain("status 0");
    assertThat(archived()).isEqualTo(before);
    switchWal(leader, 1);
    awaitArchived(leader);
  }

  /**
   * A copy of this cluster that was promoted elsewhere has archived a segment under a name that the
   * leader needs. The leader's own WAL waits until an operator has removed the other one.
   */
  @Test
  void segmentOfAPromotedCopy_isReported_andWalWaits() {
    var leader = CLUSTER.leader();
    var name = foreignSegment(leader, 0, 1);
    switchWal(leader, 3);

    awaitReported(Check.ARCHIVE_FAILS, Check.ARCHIVE_WAITS);
    assertThat(waiting(leader)).contains(name);
    assertThat(LAB.ssh(leader, "journalctl --sync; journalctl -b -u patroni -o cat | tail -n 400"))
        .contains(name);

    removeForeign();
    awaitArchived(leader);
    assertThat(findings()).noneMatch(finding -> finding.check() == Check.ARCHIVE_GAP);
    takeBackup("diff");
  }

  /**
   * A promoted copy has archived a timeline that the cluster has not reached. The next leader must
   * take a later one, and replicas must follow that leader.
   */
  @Test
  void timelineOfAPromotedCopy_isSkippedByTheNextLeader() {
    var leader = CLUSTER.leader();
    long timeline = timeline();
    foreignSegment(leader, 1, 0);
    foreignHistory(leader, timeline);

    during("switchover past a foreign timeline", client -> CLUSTER.switchover())
        .requireGapWithin(Target.SWITCHOVER);

    assertThat(CLUSTER.leader()).isNotEqualTo(leader);
    assertThat(timeline()).isEqualTo(timeline + 2);
    removeForeign();
    awaitArchived(CLUSTER.leader());
    takeBackup("full");
  }

  /** A failover ends a backup. It is repeated by itself, and leaves no broken backup behind. */
  @Test
  void failoverDuringBackup_backupIsRepeated() {
    var old = CLUSTER.leader();
    retryAtOnce();
    fill(old);
    var before = backups();
    during(
            "leader's power cut during a backup",
            client -> {
              startBackup("full");
              awaitCopying();
              LAB.powerOff(old);
              client.awaitFlowAwayFrom(OUTPUTS.address(old), patience(Target.LEADER_POWER_CUT));
              awaitNewBackup(before);
              LAB.powerOn(old);
            })
        .requireGapWithin(Target.LEADER_POWER_CUT);

    assertThat(CLUSTER.leader()).isNotEqualTo(old);
    assertThat(repository(MINUTES, "verify")).doesNotContain("invalid", "missing");
  }

  /** The leader changes while a replica is restored from the repository. */
  @Test
  void failoverDuringRestoreOfReplica_replicaFollowsTheNewLeader() {
    var old = CLUSTER.leader();
    fill(old);
    takeBackup("full");
    var replica = CLUSTER.replicas().get(0);
    during(
            "leader's power cut while a replica is restored",
            client -> {
              LAB.ssh(
                  replica,
                  "patronictl -c /etc/patroni/config.d reinit --force %s %s"
                      .formatted(DESCRIPTION.name(), replica));
              Eventually.holds(
                  replica + " is restored from the repository",
                  withSlack(60),
                  () ->
                      LAB.ssh(replica, "pgrep -u postgres -f 'pgbackrest.* restore' || true")
                              .isEmpty()
                          ? Optional.of("no restore runs")
                          : Optional.empty());
              LAB.powerOff(old);
              client.awaitFlowAwayFrom(OUTPUTS.address(old), patience(Target.LEADER_POWER_CUT));
              LAB.powerOn(old);
            })
        .requireGapWithin(Target.LEADER_POWER_CUT);
  }

  /**
   * The leader's pgBackRest was updated alone: archiving stops there, {@code up} refuses, backups
   * of the other machines go on, and with the right version nothing is lost.
   */
  @Test
  void otherVersionOnTheLeader_isReported_andWalWaits() {
    var leader = CLUSTER.leader();
    change(
        leader,
        "/usr/bin/pgbackrest",
        """
        version=$(pgbackrest version | awk '{ print $2 }')
        # A name of the same length; a running program's file cannot be written, so sed replaces it.
        LC_ALL=C sed -i "s/${version//./\\\\.}/${version%?}x/g" FILE
        """);
    change(
        leader,
        "/var/lib/dpkg/status",
        "sed -i -E '/^Package: pgbackrest$/,/^$/ s/^Version: .*/Version: 9.99-1/' FILE");
    switchWal(leader, 2);

    awaitReported(Check.PGBACKREST_VERSION);
    awaitReported(Check.ARCHIVE_FAILS, Check.ARCHIVE_WAITS);
    var step = LAB.ssh(leader, "/usr/local/lib/ninefold/pgbackrest </dev/null 2>&1 || true");
    System.out.println(step);

    undoLast();
    undoLast();
    awaitArchived(leader);
    assertThat(findings()).noneMatch(finding -> finding.check() == Check.ARCHIVE_GAP);
    takeBackup("diff");
  }

  // Causing trouble.

  /** Changes a file with a command, and puts the old one back after the test. */
  private void change(String node, String file, String command) {
    var kept = "/var/tmp/kept-" + file.replace('/', '-');
    LAB.ssh(node, "cp -a %s %s".formatted(file, kept));
    remedies.add(() -> LAB.ssh(node, "mv %s %s".formatted(kept, file)));
    LAB.ssh(node, command.replace("FILE", file));
  }

  private void undoLast() {
    remedies.remove(remedies.size() - 1).run();
  }

  /** Moves the repository to a file system with 64 MiB of free space. */
  private void moveRepositoryToSmallDisk() {
    var stop = "systemctl stop pgbackrest pgbackrest-{full,diff,keep}.timer\n";
    var start = "systemctl start pgbackrest pgbackrest-{full,diff,keep}.timer\n";
    remedies.add(
        () ->
            LAB.ssh(
                REPOSITORY,
                MINUTES,
                stop
                    + """
                    rm -f %1$s/filler
                    mount --bind %1$s /mnt
                    umount %1$s
                    find %1$s -mindepth 1 -delete
                    cp -a /mnt/. %1$s
                    umount /mnt
                    """
                        .formatted(DATA)
                    + start));
    LAB.ssh(
        REPOSITORY,
        MINUTES,
        stop
            + """
            used=$(du --summarize --block-size=1M %1$s | cut -f 1)
            mount -t tmpfs -o size=$((used + 64))M,mode=1770 small /mnt
            cp -a %1$s/. /mnt
            chown --reference=%1$s /mnt
            mount --bind /mnt %1$s
            umount /mnt
            """
                .formatted(DATA)
            + start);
  }

  /** Makes a failed backup repeat after a second instead of a quarter of an hour. */
  private void retryAtOnce() {
    var folder = "/run/systemd/system/pgbackrest-backup@.service.d";
    remedies.add(() -> LAB.ssh(REPOSITORY, "rm -r %s; systemctl daemon-reload".formatted(folder)));
    LAB.ssh(
        REPOSITORY,
        "mkdir -p %1$s; printf '[Service]\\nRestartSec=1\\n' >%1$s/retry.conf; systemctl daemon-reload"
            .formatted(folder));
  }

  /** Makes the database so large that its backup and its restore take some seconds. */
  private void fill(String leader) {
    var database = OUTPUTS.database();
    remedies.add(() -> CLUSTER.sql(CLUSTER.leader(), database, "DROP TABLE IF EXISTS ballast"));
    LAB.ssh(
        leader,
        MINUTES,
        """
        cd /; runuser -u postgres -- psql -XAtqc "CREATE TABLE ballast AS
          SELECT n, (SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 60) i) AS text
          FROM generate_series(1, 150000) n" -d %s
        """
            .formatted(database));
  }

  /** Ends the current segment a number of times, and returns that number. */
  private static int switchWal(String leader, int times) {
    for (int i = 0; i < times; i++) {
      CLUSTER.sql(
          leader,
          "postgres",
          "SELECT pg_logical_emit_message(true, 'trouble', 'x'); SELECT pg_switch_wal()");
    }
    return times;
  }

  /**
   * Archives a segment of this cluster's system identifier under the name of a later one, as a
   * promoted copy would.
   */
  private String foreignSegment(String leader, int timelines, int segments) {
    var current = CLUSTER.sql(leader, "postgres", "SELECT pg_walfile_name(pg_current_wal_lsn())");
    long timeline = Long.parseLong(current.substring(0, 8), 16) + timelines;
    long number = Long.parseLong(current.substring(8, 16) + current.substring(22), 16) + segments;
    var name = "%08X%08X%08X".formatted(timeline, number >> 8, number & 0xFF);
    archiveForeign(
        leader, name, "cp \"$(ask 'SHOW data_directory')/pg_wal/%s\" %s".formatted(current, name));
    return name;
  }

  private void foreignHistory(String leader, long timeline) {
    var fork = CLUSTER.sql(leader, "postgres", "SELECT pg_current_wal_lsn()");
    archiveForeign(
        leader,
        "%08X.history".formatted(timeline + 1),
        "printf '%d\\t%s\\tby hand\\n' >%08X.history".formatted(timeline, fork, timeline + 1));
  }

  private void archiveForeign(String leader, String name, String command) {
    var folder = "/var/tmp/copy";
    remedies.add(
        () -> {
          LAB.ssh(leader, "rm -rf " + folder);
          LAB.ssh(REPOSITORY, "find %s -name '%s*' -delete".formatted(DATA, name));
        });
    LAB.ssh(
        leader,
        """
        ask() { (cd /; runuser -u postgres -- psql -XAtqc "$1"); }
        install -d -o postgres -g postgres -m 0700 %1$s
        cd %1$s
        %3$s
        chown postgres: %2$s
        runuser -u postgres -- pgbackrest --stanza=%4$s --no-archive-async --reset-archive-push-queue-max \
          archive-push "%1$s/%2$s"
        """
            .formatted(folder, name, command, DESCRIPTION.stanza()));
  }

  private void removeForeign() {
    while (!remedies.isEmpty()) {
      undoLast();
    }
  }

  private static void startBackup(String type) {
    LAB.ssh(REPOSITORY, "systemctl start --no-block pgbackrest-backup@" + type);
  }

  private static void takeBackup(String type) {
    LAB.ssh(REPOSITORY, MINUTES, "systemctl start pgbackrest-backup@" + type);
  }

  // What it has done.

  private static List<Finding> findings() {
    return Verdict.of(DESCRIPTION, LAB.facts(DESCRIPTION)).findings();
  }

  private static boolean isReported(Check check) {
    return findings().stream().anyMatch(finding -> finding.check() == check);
  }

  /** Returns what the verdict reports for a check, if it does. */
  private static Optional<String> reported(Check check) {
    return findings().stream()
        .filter(finding -> finding.check() == check)
        .map(Finding::what)
        .findFirst();
  }

  private static void awaitReported(Check... checks) {
    var wanted = Set.of(checks);
    Eventually.holds(
        "the verdict reports one of " + wanted,
        MINUTES,
        () -> {
          var found = findings();
          return found.stream().anyMatch(finding -> wanted.contains(finding.check()))
              ? Optional.empty()
              : Optional.of(found.toString());
        });
  }

  /** Waits until the leader has dropped segments, and the queue is within its limit. */
  private static void awaitDropped(String leader, String since, int number) {
    Eventually.holds(
        "WAL is dropped",
        MINUTES,
        () -> {
          var dropped = dropped(leader, since);
          var waiting = waiting(leader);
          return dropped.size() >= number && waiting.size() <= LIMIT + 1
              ? Optional.empty()
              : Optional.of("dropped: " + dropped + ", waiting: " + waiting);
        });
  }

  private static Set<String> dropped(String leader, String since) {
    return new HashSet<>(
        LAB.ssh(
                leader,
                """
                journalctl --sync
                journalctl -u patroni -o cat --since=@%s | sed -nE "s/.*dropped WAL file '?([0-9A-F]{24}).*/\\1/p"
                """
                    .formatted(since))
            .lines()
            .toList());
  }

  private static List<String> waiting(String leader) {
    return LAB.ssh(
            leader, "ls /var/lib/postgresql/*/main/pg_wal/archive_status | sed -n 's/\\.ready$//p'")
        .lines()
        .toList();
  }

  /** Makes PostgreSQL try again, and waits until all WAL so far is archived. */
  private static void awaitArchived(String leader) {
    var last = CLUSTER.sql(leader, "postgres", "SELECT pg_walfile_name(pg_switch_wal())");
    Eventually.holds(
        last + " is archived",
        MINUTES,
        () -> {
          CLUSTER.sql(leader, "postgres", "SELECT pg_reload_conf()");
          var waiting = waiting(leader);
          return waiting.stream().anyMatch(name -> name.compareTo(last) <= 0)
              ? Optional.of("waiting: " + waiting)
              : Optional.empty();
        });
  }

  private static void awaitCopying() {
    Eventually.holds(
        "a backup copies files",
        MINUTES,
        () ->
            LAB.ssh(
                        REPOSITORY,
                        "find %s/backup -newermt '-20 seconds' -name 'bundle' -type d | head -n 1"
                            .formatted(DATA))
                    .isEmpty()
                ? Optional.of("nothing is copied")
                : Optional.empty());
  }

  private static void awaitNewBackup(List<String> before) {
    Eventually.holds(
        "there is a new backup",
        MINUTES,
        () ->
            before.containsAll(backups())
                ? Optional.of(LAB.ssh(REPOSITORY, "journalctl -n 20 -u 'pgbackrest-backup@*'"))
                : Optional.empty());
  }

  private static List<String> backups() {
    var info = SecretSearch.tree(repository(MINUTES, "--output=json info"));
    return StreamSupport.stream(info.path(0).path("backup").spliterator(), false)
        .map(backup -> backup.path("label").asText())
        .toList();
  }

  private static String newestBackup() {
    var labels = backups();
    return labels.get(labels.size() - 1);
  }

  /** Returns the names of all archived files. */
  private static List<String> archived() {
    return LAB.ssh(REPOSITORY, "find %s/archive -type f -printf '%%f\\n' | sort".formatted(DATA))
        .lines()
        .toList();
  }

  /** Runs pgBackRest on the repository, and returns what it printed. */
  private static String repository(Duration limit, String words) {
    return LAB.ssh(
        REPOSITORY,
        limit,
        "cd /; runuser -u pgbackrest -- pgbackrest --stanza=%s %s"
            .formatted(DESCRIPTION.stanza(), words));
  }

  /** Archives a file with pgBackRest, and returns what it printed and its status. */
  private static String push(String node, String file) {
    return LAB.ssh(
        node,
        MINUTES,
        """
        cd /
        status=0
        runuser -u postgres -- pgbackrest --stanza=%s --no-archive-async --reset-archive-push-queue-max \
          archive-push "%s" 2>&1 || status=$?
        echo "status $status"
        """
            .formatted(DESCRIPTION.stanza(), file));
  }

  private static String backupPassphrase() {
    try {
      return Files.readString(Path.of(".build/labs/containers/backup-passphrase")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long timeline() {
    return CLUSTER.members().stream()
        .filter(Health.Member::isLeader)
        .mapToLong(Health.Member::timeline)
        .findFirst()
        .orElseThrow();
  }

  private static String time(String node) {
    return LAB.ssh(node, "date +%s").strip();
  }
}
