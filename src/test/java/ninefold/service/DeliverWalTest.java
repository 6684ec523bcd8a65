package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code deliver-wal} with the real shell and a fake archive, a folder with segments. */
class DeliverWalTest {
  @TempDir private Path machine;

  private Path wal;

  @BeforeEach
  void memberOnTimeline11() throws IOException {
    wal = machine.resolve("data/pg_wal");
    Files.createDirectories(wal.resolve("archive_status"));
    Files.writeString(
        wal.resolve("0000000B.history"), "9\t0/12000028\tx\n10\t0/30500000\tno target\n");
    Files.writeString(
        machine.resolve("node.env"),
        "STANZA=trio\nPOSTGRES_DATA=" + machine.resolve("data") + "\n");
    TestProcess.executable(
        machine.resolve("bin/pgbackrest"),
        """
        #!/bin/sh
        [ ! -e MACHINE/silent ] || exit 49
        case $3 in
          archive/trio) echo 17-1; echo 17-2; echo archive.info ;;
          *) cat MACHINE/archived ;;
        esac
        """
            .replace("MACHINE", machine.toString()));
    TestProcess.executable(
        machine.resolve("bin/pgbackrest-push"),
        "#!/bin/sh\necho \"$@\" >>%s/pushed\n".formatted(machine));
    TestProcess.executable(
        machine.resolve("bin/deliver-wal"),
        Template.script("pgbackrest/deliver-wal")
            .replace("/usr/local/lib/ninefold/node.env", machine.resolve("node.env").toString())
            .replace("/usr/local/lib/ninefold/", machine.resolve("bin") + "/"));
    archived();
  }

  @Test
  void newLeader_marksWhatTheArchiveLacks_beforeTheFork() throws IOException {
    segments("0000000A000000000000002E", "0000000A000000000000002F");
    segments("0000000A0000000000000030", "0000000B0000000000000030");
    archived("0000000A000000000000002E");

    run("promoted");

    assertThat(statuses()).containsExactly("0000000A000000000000002F.ready");
  }

  @Test
  void withoutAnAnswerOfTheArchive_allSegmentsOfTheOldLeaderAreMarked() throws IOException {
    segments("0000000A000000000000002E", "0000000A000000000000002F");
    Files.createFile(wal.resolve("archive_status/0000000A000000000000002E.done"));
    Files.createFile(machine.resolve("silent"));

    run("promoted");

    assertThat(statuses())
        .containsExactly("0000000A000000000000002E.ready", "0000000A000000000000002F.ready");
  }

  @Test
  void replica_archivesWhatItWroteAsTheLeader() throws IOException {
    segments("0000000A000000000000002E");
    Files.createFile(wal.resolve("archive_status/0000000A000000000000002E.ready"));
    run("returned");
    assertThat(statuses()).as("it leads").containsExactly("0000000A000000000000002E.ready");

    Files.createFile(machine.resolve("data/standby.signal"));
    run("returned");

    assertThat(machine.resolve("pushed")).hasContent("trio pg_wal/0000000A000000000000002E");
    assertThat(statuses()).containsExactly("0000000A000000000000002E.done");
  }

  private void segments(String... names) throws IOException {
    for (var name : names) {
      Files.createFile(wal.resolve(name));
    }
  }

  private void archived(String... names) throws IOException {
    var lines = new StringBuilder();
    for (var name : names) {
      lines.append(name).append("-0123456789abcdef0123456789abcdef01234567.zst\n");
    }
    Files.writeString(machine.resolve("archived"), lines);
  }

  private List<String> statuses() throws IOException {
    try (Stream<Path> files = Files.list(wal.resolve("archive_status"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void run(String occasion) {
    var ended =
        TestProcess.run(
            List.of(machine.resolve("bin/deliver-wal").toString(), occasion),
            "",
            Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
    assertThat(ended.status()).as(ended.output()).isZero();
  }
}
