package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests which backup a restore of the whole cluster begins with: {@code
 * templates/patroni/scripts/restore-data.py}. The cluster was on timeline 1 until 0/6000000, and is
 * on timeline 2.
 */
class RestoreDataTest {
  private static final String PGBACKREST =
      """
      #!/bin/bash
      case "$*" in
        *info) cat MACHINE/info.json ;;
        *repo-ls*) cat MACHINE/archive ;;
        *archive-get*) printf '1\\t0/6000000\\tno recovery target\\n' >"${@: -1}" ;;
        *) exit 1 ;;
      esac
      """;

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithBackups() throws IOException {
    TestProcess.environment(machine, "STANZA='trio'", "POSTGRES_DATA='/data'", "POSTGRES_PORT='1'");
    TestProcess.script(machine, "restore-data", Template.script("patroni/restore-data"));
    TestProcess.executable(
        machine.resolve("bin/pgbackrest"), PGBACKREST.replace("MACHINE", machine.toString()));
    backups(
        backup("20260101-000000F", "000000010000000000000003", "0/3000100", 1767225600),
        backup("20260102-000000F", "000000010000000000000008", "0/8000100", 1767312000),
        backup("20260103-000000F", "000000020000000000000009", "0/9000100", 1767398400));
    archive("1 3", "1 4", "1 5", "1 8", "2 6", "2 7", "2 8", "2 9", "2 A");
  }

  @Test
  void newestBackupBeforeTheTime_isChosen() {
    assertThat(plan("2026-01-04T00:00:00Z")).contains("\"20260103-000000F\"", "\"timeline\": 2");
    assertThat(plan("latest")).contains("[\"20260103-000000F\"]");
  }

  /** A backup of the abandoned end of timeline 1 cannot follow timeline 2. */
  @Test
  void backupAfterTheFork_isNotChosen() {
    assertThat(plan("2026-01-02T12:00:00Z")).contains("[\"20260101-000000F\"]");
    assertThat(plan("lsn:0/8800000")).contains("[\"20260101-000000F\"]");
  }

  @Test
  void backupAfterTheFork_isChosenToGoBackToItsTimeline() {
    assertThat(plan("latest", "newest", "1")).contains("[\"20260102-000000F\"]");
  }

  @Test
  void transaction_isSoughtFromTheNewestBackupToTheOldest() {
    assertThat(plan("xid:7")).contains("[\"20260103-000000F\", \"20260101-000000F\"]");
    assertThat(plan("xid:7", "20260101-000000F")).contains("[\"20260101-000000F\"]");
  }

  @Test
  void backup_isATarget_evenOfAnAbandonedTimeline() {
    assertThat(plan("set:20260102-000000F")).contains("[\"20260102-000000F\"]");
    assertThat(plan("set:20250102-000000F")).contains("there is no backup 20250102-000000F");
  }

  @Test
  void timeOutsideTheWindow_isRefused() {
    assertThat(plan("2025-01-04T00:00:00Z"))
        .contains("refused", "the recovery window begins at 2026-01-01T00:00:00Z");
    assertThat(plan("2199-01-04T00:00:00Z")).contains("refused", "is in the future");
    assertThat(plan("2026-01-02T12:00:00Z", "20260103-000000F"))
        .contains("refused", "20260103-000000F does not end before");
  }

  @Test
  void gapBetweenBackupAndTarget_isRefused_oneAfterwardsIsNot() throws IOException {
    archive("1 3", "1 4", "1 5", "2 7", "2 8", "2 9", "2 A");
    assertThat(plan("2026-01-02T12:00:00Z"))
        .contains("lacks the WAL segment 000000020000000000000006");
    assertThat(plan("2026-01-04T00:00:00Z")).contains("[\"20260103-000000F\"]");

    archive("1 3", "1 4", "1 5", "2 6", "2 7", "2 8", "2 9", "2 B");
    assertThat(plan("2026-01-02T12:00:00Z")).contains("[\"20260101-000000F\"]");
    assertThat(plan("latest")).contains("lacks the WAL segment 00000002000000000000000A");
  }

  @Test
  void runningBackup_isRefused() throws IOException {
    var info = machine.resolve("info.json");
    Files.writeString(info, Files.readString(info).replace("\"held\": false", "\"held\": true"));

    assertThat(plan("latest")).contains("a backup is running");
  }

  @Test
  void silentRepository_isRefused() {
    TestProcess.executable(
        machine.resolve("bin/pgbackrest"), "#!/bin/sh\necho 'unable to connect' >&2\nexit 49\n");

    assertThat(plan("latest"))
        .contains("refused", "unable to connect", "bring the repository back");
  }

  private void backups(String... entries) throws IOException {
    Files.writeString(
        machine.resolve("info.json"),
        """
        [{"archive": [{"id": "17-1", "database": {"id": 1}}], "backup": [%s],
          "status": {"lock": {"backup": {"held": false}}}}]
        """
            .formatted(String.join(",", entries)));
  }

  private static String backup(String label, String segment, String end, long ended) {
    return """
        {"label": "%s", "archive": {"start": "%s", "stop": "%s"}, "database": {"id": 1},
         "lsn": {"stop": "%s"}, "timestamp": {"stop": %d}}
        """
        .formatted(label, segment, segment, end, ended);
  }

  /** Archives segments: each is a timeline and the last digit of the name. */
  private void archive(String... segments) throws IOException {
    var lines = new ArrayList<String>();
    lines.add("17-1/00000002.history");
    for (var segment : segments) {
      lines.add(
          "17-1/0/0000000%s00000000000000%s-0123.zst"
              .formatted(segment.charAt(0), "0" + segment.charAt(2)));
    }
    Files.write(machine.resolve("archive"), lines);
  }

  private String plan(String... words) {
    var command = new ArrayList<>(List.of(machine.resolve("lib/restore-data").toString(), "plan"));
    command.addAll(List.of(words));
    var ended =
        TestProcess.run(
            command, "", Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }
}
