package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@code pgbackrest-gaps} with a fake repository, in which a backup needs segments 2 to 3.
 */
class PgBackRestGapsTest {
  @TempDir private Path machine;

  @BeforeEach
  void repositoryWithABackup() throws IOException {
    TestProcess.executable(
        machine.resolve("bin/pgbackrest"),
        """
        #!/bin/sh
        cat <<'end'
        [{"backup": [{"label": "20260101-000000F", "timestamp": {"stop": 1},
          "archive": {"start": "000000010000000000000002", "stop": "000000010000000000000003"}}]}]
        end
        """);
    Files.createDirectories(machine.resolve("lib"));
    Files.createDirectories(machine.resolve("run"));
    var repository = machine.resolve("repository").toString();
    for (var module : List.of("facts_backups", "backup_retention")) {
      Files.writeString(
          machine.resolve("lib").resolve(module + ".py"),
          Template.script("pgbackrest/" + module).replace("/var/lib/pgbackrest", repository));
    }
    Files.writeString(
        machine.resolve("lib/facts_asking.py"), Template.script("host/facts_asking.py"));
    TestProcess.executable(
        machine.resolve("lib/pgbackrest-gaps"), Template.script("pgbackrest/pgbackrest-gaps"));
  }

  @Test
  void completeArchive_hasNoGap() throws IOException {
    archived("000000010000000000000002", "000000010000000000000003", "000000010000000000000004");

    assertThat(gaps().status()).isZero();
  }

  @Test
  void missingSegment_isNamed_andAsksForOneBackup() throws IOException {
    archived("000000010000000000000002", "000000010000000000000003", "000000010000000000000006");

    var ended = gaps();

    assertThat(ended.status()).isEqualTo(3);
    assertThat(ended.output())
        .contains(
            "missing in the archive since backup 20260101-000000F:"
                + " 000000010000000000000004 to 000000010000000000000005.");
    assertThat(gaps().status()).as("the backup is under way").isZero();
  }

  @Test
  void segmentThatMayBeOnItsWay_isNoGap() throws IOException {
    archived("000000010000000000000002", "000000010000000000000003");
    archived(Duration.ofSeconds(100), "000000010000000000000006");

    assertThat(gaps().status()).isZero();
  }

  @Test
  void oldLeadersLastSegments_areMissing_ifTheNextTimelineBeginsAfterThem() throws IOException {
    archived("000000010000000000000002", "000000010000000000000003", "000000020000000000000006");

    assertThat(gaps().output())
        .contains(": 000000010000000000000004 to 000000010000000000000005. No");
  }

  @Test
  void oldLeadersLastSegments_mayBeOnTheirWay() throws IOException {
    archived("000000010000000000000002", "000000010000000000000003");
    archived(Duration.ofSeconds(100), "000000020000000000000006");

    assertThat(gaps().status()).isZero();
  }

  @Test
  void segmentsOfTheBackupItself_areMissingToo() throws IOException {
    archived("000000010000000000000003");

    assertThat(gaps().output()).contains(": 000000010000000000000002. No");
  }

  private void archived(String... segments) throws IOException {
    archived(Duration.ofHours(1), segments);
  }

  private void archived(Duration ago, String... segments) throws IOException {
    for (var segment : segments) {
      var folder = machine.resolve("repository/archive/trio/17-1/" + segment.substring(0, 16));
      Files.createDirectories(folder);
      var file = Files.createFile(folder.resolve(segment + "-0123456789abcdef.zst"));
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(ago)));
    }
  }

  private TestProcess.Ended gaps() {
    return TestProcess.run(
        List.of(machine.resolve("lib/pgbackrest-gaps").toString(), "trio"),
        "",
        Map.of(
            "PATH",
            machine.resolve("bin") + ":" + System.getenv("PATH"),
            "RUNTIME_DIRECTORY",
            machine.resolve("run").toString()));
  }
}
