package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ninefold.Program;
import ninefold.host.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PostgreSQL's archive_command, by the real shell, with a pgBackRest that ends as it is told. */
class PgBackRestPushTest {
  private static final int ANOTHER_HAS_THAT_NAME = 45;
  private static final int LOCKED = 50;

  @TempDir private Path data;

  @BeforeEach
  void aLeaderOnTimeline11() throws IOException {
    var wal = Files.createDirectories(data.resolve("pg_wal"));
    for (var timeline : List.of("00000009", "0000000A", "0000000B")) {
      Files.createFile(wal.resolve(timeline + ".history"));
    }
  }

  @Test
  void whatPgBackRestTakesIsArchived() {
    var ended = archive("0000000B0000000000000031", 0);

    assertThat(ended.status()).isZero();
    assertThat(ended.said())
        .isEqualTo("--stanza=trio archive-push pg_wal/0000000B0000000000000031\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000A0000000000000030",
        "000000090000000000000012",
        "0000000A0000000000000030.partial"
      })
  void anEarlierTimelinesThatIsThereAlreadyIsLeftOut_andSaid(String name) {
    var ended = archive(name, ANOTHER_HAS_THAT_NAME);

    assertThat(ended.status()).isZero();
    assertThat(ended.said())
        .contains("pgbackrest-push: " + name + " belongs to an earlier timeline");
  }

  /** Two that write on one timeline would be lost data: that is never passed over. */
  @ParameterizedTest
  @ValueSource(
      strings = {"0000000B0000000000000031", "0000000C0000000000000031", "0000000A.history"})
  void anotherOfThisTimelineFails(String name) {
    assertThat(archive(name, ANOTHER_HAS_THAT_NAME).status()).isEqualTo(ANOTHER_HAS_THAT_NAME);
  }

  @Test
  void whatFailsForAnotherReasonFails() {
    assertThat(archive("0000000A0000000000000030", LOCKED).status()).isEqualTo(LOCKED);
  }

  @Test
  void onTheFirstTimelineNothingIsEarlier() throws IOException {
    try (var files = Files.list(data.resolve("pg_wal"))) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }

    assertThat(archive("000000010000000000000002", ANOTHER_HAS_THAT_NAME).status())
        .isEqualTo(ANOTHER_HAS_THAT_NAME);
  }

  private Program.Ended archive(String name, int status) {
    Program.executable(
        data.resolve("bin/pgbackrest"), "#!/bin/sh\necho \"$@\"\nexit " + status + "\n");
    var script = data.resolve("pgbackrest-push");
    Program.executable(script, Template.text("patroni/pgbackrest-push"));
    return Program.run(
        List.of("sh", "-c", "cd '" + data + "' && exec ./pgbackrest-push trio pg_wal/" + name),
        "",
        Map.of("PATH", data.resolve("bin") + ":" + System.getenv("PATH")));
  }
}
