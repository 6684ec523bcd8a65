package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The units that the repository's timers start must take backups and expire old ones. */
@Tag("durability")
final class ScheduledBackupTest extends ChangeSuite {
  private static final int KEPT = DescriptionReader.read(DESCRIPTION_FILE).backup().fullBackups();

  @Test
  void scheduledBackups_areTaken_andOldOnesExpire() {
    assertThat(LAB.ssh("repository", "systemctl is-active pgbackrest-{full,diff}.timer"))
        .isEqualToIgnoringWhitespace("active active");
    for (int i = 0; i <= KEPT; i++) {
      runScheduledBackup("full");
    }
    runScheduledBackup("diff");

    assertThat(backups()).filteredOn("full"::equals).hasSize(KEPT);
    assertThat(backups()).endsWith("full", "diff");
  }

  /** Starts the unit that a timer starts. */
  private static void runScheduledBackup(String type) {
    LAB.ssh(
        "repository",
        Duration.ofMinutes(2),
        "systemctl start \"$(systemctl show --property=Unit --value pgbackrest-%s.timer)\""
            .formatted(type));
  }

  /** Returns the types of the existing backups, the oldest first. */
  private static Stream<String> backups() {
    var info =
        LAB.ssh("repository", "cd /; runuser -u pgbackrest -- pgbackrest --output=json info");
    return StreamSupport.stream(SecretSearch.tree(info).path(0).path("backup").spliterator(), false)
        .map(backup -> backup.path("type").asText());
  }
}
