package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Segments that earlier timelines left behind must not stop the archiving of WAL. */
@Tag("faults")
final class ArchiveFaultTest extends FaultSuite {
  /**
   * Sets {@code $wal}, the folder of the WAL, and {@code $now}, the current segment; defines {@code
   * ask}.
   */
  private static final String PREAMBLE =
      """
      ask() { runuser -u postgres -- psql -XAtqc "$1"; }
      cd /
      wal=$(ask 'SHOW data_directory')/pg_wal
      now=$(ask 'SELECT pg_walfile_name(pg_current_wal_lsn())')
      """;

  /**
   * A replica received only a part of the old leader's last segment before its promotion.
   * PostgreSQL asks to archive that part, but the repository already has the old leader's complete
   * segment.
   */
  @Test
  void conflictingSegmentOfOldTimeline_doesNotBlockArchiving() {
    // The segment needs more than its first page, which is all that the replica has.
    CLUSTER.sql(
        CLUSTER.leader(),
        "postgres",
        "SELECT pg_logical_emit_message(false, 'x', repeat('x', 100000))");
    CLUSTER.switchover();
    CLUSTER.awaitHealthy();
    var leader = CLUSTER.leader();
    var name =
        LAB.ssh(
                leader,
                PREAMBLE
                    + """
                    name=$(runuser -u postgres -- pgbackrest --stanza=%1$s repo-ls --recurse archive/%1$s |
                      sed -nE 's,.*/([0-9A-F]{24})-.*,\\1,p' | sort | awk -v now="${now:0:8}" 'substr($0, 1, 8) < now' | tail -n 1)
                    [[ -n $name ]]
                    runuser -u postgres -- pgbackrest --stanza=%1$s archive-get "$name" "$wal/$name"
                    dd if=/dev/zero of="$wal/$name" bs=4k seek=1 count=4095 conv=notrunc status=none
                    rm -f "$wal/archive_status/$name.done"
                    runuser -u postgres -- touch "$wal/archive_status/$name.ready"
                    ask 'SELECT pg_switch_wal()' >/dev/null
                    echo "$name"
                    """
                        .formatted(DESCRIPTION.stanza()))
            .strip();

    // A checkpoint may already have removed the file.
    Eventually.holds(
        name + " is no longer waiting to be archived",
        withSlack(60),
        () -> {
          var left =
              LAB.ssh(leader, PREAMBLE + "ls \"$wal/archive_status/" + name + ".ready\" || true");
          return left.isBlank() ? Optional.empty() : Optional.of(left);
        });
    assertThat(
            LAB.ssh(
                leader,
                "journalctl --sync; journalctl -b -u patroni --no-pager | grep pgbackrest-push: || true"))
        .contains("pgbackrest-push: " + name + " is of an earlier timeline");
    assertThat(
            LAB.ssh(
                "repository",
                Duration.ofMinutes(2),
                "cd /; runuser -u pgbackrest -- pgbackrest --stanza=%s check 2>&1 && echo well"
                    .formatted(DESCRIPTION.stanza())))
        .endsWith("well");
  }
}
