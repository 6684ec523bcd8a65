package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests which backups {@code backup_retention.py} keeps, with a weekly full backup for 30 weeks.
 */
class BackupRetentionTest {
  private static final String PROGRAM =
      """
      import sys
      sys.path.insert(0, sys.argv[1])
      from backup_retention import *
      week = 7 * 86400
      start = 1767531600
      backups = [Backup(f"b{i:02}", "full", start + i * week) for i in range(30)]
      now = backups[-1].end + 3600
      retention = Retention(*eval(sys.argv[2]))
      kept = reasons(retention, backups, now)
      print(" ".join(label for label, why in kept.items() if why), end="/")
      print(continuous(retention, backups, now, sys.argv[3]), end="")
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3, 0, None, 0, 0           | ''  | b27 b28 b29/b27",
        "1, 15*86400, None, 0, 0    | ''  | b26 b27 b28 b29/b26",
        "2, 0, None, 2, 0           | ''  | b22 b26 b28 b29/b28",
        "2, 0, None, 0, 1           | ''  | b00 b28 b29/b28",
        // WAL before the recorded backup was removed already.
        "9, 0, None, 0, 0           | b28 | b21 b22 b23 b24 b25 b26 b27 b28 b29/b28"
      })
  void fullBackups_areKeptByEveryRule(String retention, String recorded, String expected)
      throws Exception {
    Files.writeString(
        folder.resolve("backup_retention.py"), Template.script("pgbackrest/backup_retention.py"));

    var ended =
        TestProcess.run(
            List.of(
                "python3", "-B", "-c", PROGRAM, folder.toString(), "(" + retention + ")", recorded),
            "",
            Map.of("TZ", "UTC"));

    assertThat(ended.output()).isEqualTo(expected);
  }
}
