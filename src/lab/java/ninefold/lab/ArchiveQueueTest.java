package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** WAL that cannot be archived must not fill the disk, and the gap must close by itself. */
@Tag("archive")
final class ArchiveQueueTest extends FaultSuite {
  private static final String CONFIGURATION = "/etc/pgbackrest/pgbackrest.conf";
  private static final String DROP_IN =
      "/run/systemd/system/pgbackrest-gaps.service.d/patience.conf";

  @AfterEach
  void restoreTheLimits() {
    LAB.heal();
    CLUSTER
        .databases()
        .forEach(
            node ->
                LAB.ssh(
                    node, "[[ ! -e /run/conf.kept ]] || cp -a /run/conf.kept " + CONFIGURATION));
    LAB.ssh("repository", "rm -rf " + DROP_IN + "; systemctl daemon-reload");
  }

  /** The leader is cut off from the repository until twice the limit has been written. */
  @Test
  void droppedWal_isReported_andABackupClosesTheGap() {
    lowerTheLimits();
    var leader = CLUSTER.leader();
    var newest = newestBackup();
    LAB.cut(leader, List.of("repository"));
    for (int segment = 0; segment < 10; segment++) {
      fillSegment(leader);
    }
    Eventually.holds(
        "WAL is dropped",
        Duration.ofMinutes(4),
        () ->
            journal(leader, "patroni", "dropped WAL file").isEmpty()
                ? Optional.of("nothing was dropped")
                : Optional.empty());
    LAB.heal();
    // A gap shows when a later segment arrives.
    fillSegment(leader);

    Eventually.holds(
        "the gap is in the journal",
        Duration.ofMinutes(3),
        () ->
            journal("repository", "pgbackrest-gaps", "missing in the archive since").isEmpty()
                ? Optional.of("the job has found no gap")
                : Optional.empty());
    Eventually.holds(
        "a newer backup than " + newest,
        Duration.ofMinutes(2),
        () -> newestBackup().equals(newest) ? Optional.of("none yet") : Optional.empty());
    CLUSTER.awaitHealthy();
  }

  private static void fillSegment(String leader) {
    CLUSTER.sql(leader, "postgres", "SELECT pg_logical_emit_message(false, 'x', 'x')");
    CLUSTER.sql(leader, "postgres", "SELECT pg_switch_wal()");
  }

  private static void lowerTheLimits() {
    for (var node : CLUSTER.databases()) {
      LAB.ssh(
          node,
          "cp -a %1$s /run/conf.kept; sed -i 's/^archive-push-queue-max=.*/archive-push-queue-max=64MiB/' %1$s"
              .formatted(CONFIGURATION));
    }
    LAB.ssh(
        "repository",
        "mkdir -p $(dirname %1$s); printf '[Service]\\nEnvironment=NINEFOLD_GAP_PATIENCE=5\\n' >%1$s;"
                .formatted(DROP_IN)
            + " systemctl daemon-reload");
  }

  private static String newestBackup() {
    var info =
        LAB.ssh("repository", "cd /; runuser -u pgbackrest -- pgbackrest --output=json info");
    var backups = SecretSearch.tree(info).path(0).path("backup");
    return backups.path(backups.size() - 1).path("label").asText();
  }

  private static String journal(String node, String unit, String text) {
    return LAB.ssh(
            node,
            "journalctl --sync; journalctl -b -u %s -o cat --no-pager | grep -F '%s' || true"
                .formatted(unit, text))
        .strip();
  }

  /** An assertion that the limits are there at all. */
  @Test
  void limit_followsTheDisk() {
    for (var node : CLUSTER.databases()) {
      assertThat(LAB.ssh(node, "grep archive-push-queue-max " + CONFIGURATION))
          .containsPattern("=[1-9][0-9]{3,}MiB");
    }
  }
}
