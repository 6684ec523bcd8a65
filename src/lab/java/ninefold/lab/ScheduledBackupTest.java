package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the repository's timers start takes backups, and old ones go. */
@Tag("durability")
final class ScheduledBackupTest extends ChangeSuite {
  private static final int KEPT = DescriptionReader.read(DESCRIPTION_FILE).backup().fullBackups();

  @Test
  void whatTheTimersStart_takesBackups_andOldOnesGo() {
    assertThat(LAB.ssh("repository", "systemctl is-active pgbackrest-{full,diff}.timer"))
        .isEqualToIgnoringWhitespace("active active");
    for (int i = 0; i <= KEPT; i++) {
      take("full");
    }
    take("diff");

    assertThat(backups()).filteredOn("full"::equals).hasSize(KEPT);
    assertThat(backups()).endsWith("full", "diff");
  }

  /** By the unit that the timer of that name starts. */
  private static void take(String type) {
    LAB.ssh(
        "repository",
        Duration.ofMinutes(2),
        "systemctl start \"$(systemctl show --property=Unit --value pgbackrest-%s.timer)\""
            .formatted(type));
  }

  /** The types of those that are there, the oldest first. */
  private static Stream<String> backups() {
    var info =
        LAB.ssh("repository", "cd /; runuser -u pgbackrest -- pgbackrest --output=json info");
    return StreamSupport.stream(SecretSearch.tree(info).path(0).path("backup").spliterator(), false)
        .map(backup -> backup.path("type").asText());
  }
}
