package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@code templates/pgbackrest/scripts/facts_backups.py} with a pgBackRest that only prints.
 */
class BackupFactsTest {
  private static final String INFO =
      """
      [{"archive": [], "backup": [], "db": [], "name": "trio",
        "repo": [{"key": 1, "status": {"code": %1$d, "message": "%2$s"}}],
        "status": {"code": %1$d, "lock": {"backup": {"held": false}}, "message": "%3$s"}}]
      """;

  @TempDir private Path machine;

  @BeforeEach
  void scripts() throws Exception {
    TestProcess.executable(
        machine.resolve("facts_asking.py"), Template.script("host/facts_asking.py"));
    TestProcess.executable(
        machine.resolve("facts_backups.py"), Template.script("pgbackrest/facts_backups.py"));
    TestProcess.executable(
        machine.resolve("backup_retention.py"), Template.script("pgbackrest/backup_retention.py"));
    TestProcess.executable(machine.resolve("bin/runuser"), "#!/bin/sh\ncat \"$INFO\"\n");
    TestProcess.executable(
        machine.resolve("bin/systemctl"),
        "#!/bin/sh\nprintf 'Result=success\\nExecMainExitTimestamp=\\n'\n");
  }

  /**
   * pgBackRest prints what it has decrypted, which is not text, and may have control characters.
   */
  @Test
  void wrongPassphrase_isNamed() throws Exception {
    var noise =
        "[FormatError] unable to load 'backup.info':\\nkey/value found outside of section: \u00b5\u0004~";

    assertThat(message(INFO.formatted(99, noise, "other")))
        .isEqualTo(
            "[FormatError] unable to load 'backup.info'; is this the passphrase of its backups?");
  }

  @Test
  void otherError_isItsFirstLine() throws Exception {
    assertThat(message(INFO.formatted(99, "[PathOpenError] denied\\nHINT: none", "other")))
        .isEqualTo("[PathOpenError] denied");
  }

  @Test
  void knownStatus_keepsItsText() throws Exception {
    assertThat(message(INFO.formatted(1, "missing stanza path", "missing stanza path")))
        .isEqualTo("missing stanza path");
  }

  private String message(String info) throws Exception {
    // One byte a character, so that what is not ASCII is not UTF-8.
    Files.write(machine.resolve("info"), info.getBytes(StandardCharsets.ISO_8859_1));
    var result =
        TestProcess.run(
            "env",
            "-C",
            machine.toString(),
            "INFO=" + machine.resolve("info"),
            "PATH=" + machine.resolve("bin") + ":/usr/bin:/bin",
            "python3",
            "-B",
            "-c",
            "import facts_backups; print(facts_backups.collect({'stanza': 'trio'})['message'])");
    assertThat(result.status()).as(result.output()).isZero();
    return result.output().strip();
  }
}
