package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests PostgreSQL's archive_command with the real shell. A fake pgBackRest exits with a given
 * code, and a fake pg_waldump prints a file's text as its records.
 */
class PgBackRestPushTest {
  private static final int DUPLICATE = 45;
  private static final int LOCKED = 50;

  /** Timeline 9 ended in segment 12, timeline 10 in segment 30. The current one is 11. */
  private static final String HISTORY =
      """
      9\t0/12000028\tno recovery target specified
      10\t0/30500000\tno recovery target specified
      """;

  @TempDir private Path data;

  @BeforeEach
  void aLeaderOnTimeline11() throws IOException {
    Files.createDirectories(data.resolve("pg_wal/archive_status"));
    Files.createFile(data.resolve("postmaster.pid"));
    Files.writeString(data.resolve("pgbackrest.conf"), "archive-push-queue-max=64MiB\n");
    Files.writeString(data.resolve("PG_VERSION"), "17\n");
    Files.writeString(data.resolve("pg_wal/0000000A.history"), "9\t0/12000028\tearlier\n");
    Files.writeString(data.resolve("pg_wal/0000000B.history"), HISTORY);
    TestProcess.executable(
        data.resolve("bin/pgbackrest"),
        """
        #!/bin/sh
        case "$*" in
          *archive-push*) echo "$@"; exit "$PUSHED" ;;
          *archive-get*) cp "$ARCHIVE/$3" "$4" ;;
        esac
        """);
    TestProcess.executable(
        data.resolve("bin/pg_waldump"),
        """
        #!/bin/sh
        [ ! -e "$ARCHIVE/broken" ] || exit 127
        echo "$@" >>"$ARCHIVE/asked"
        for last; do :; done
        cat "$last"
        """);
    TestProcess.executable(
        data.resolve("bin/patronictl"),
        """
        #!/bin/sh
        [ ! -e "$ARCHIVE/silent" ] || exit 1
        echo '[{"TL": 9, "LSN": 301989928, "Reason": "x"}, {"TL": 10, "LSN": 810549248, "Reason": "x"}]'
        """);
    TestProcess.executable(
        data.resolve("pgbackrest-push"), Template.script("patroni/pgbackrest-push"));
  }

  @Test
  void segmentThatPgBackRestAccepts_isArchived() {
    var ended = push("0000000B0000000000000031", 0);

    assertThat(ended.status()).isZero();
    assertThat(ended.output())
        .isEqualTo("--stanza=trio archive-push pg_wal/0000000B0000000000000031\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0000000A0000000000000030, record, record record",
    "0000000A000000000000002F, record, record record",
    "0000000A000000000000002F, record, record",
    "0000000A0000000000000030, '', record",
    "0000000A0000000000000030.partial, record, record record",
    "000000090000000000000012, record, record record"
  })
  void partOfTheArchivedSegment_isAccepted_andLogged(String name, String ours, String theirs)
      throws IOException {
    write(name, ours, theirs);

    var ended = push(name, DUPLICATE);

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains("pgbackrest-push: " + archived(name) + " is of an earlier timeline");
  }

  /**
   * A replica that is restored from a backup would replay it instead of the next timeline's
   * segment.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "000000090000000000000012",
        "000000090000000000000013",
        "0000000A0000000000000030",
        "0000000A0000000000000031"
      })
  void segmentAtTheEndOfItsTimeline_isArchivedAsPartial(String name) throws IOException {
    write(name, "record", "");

    var ended = push(name, 0);

    assertThat(ended.status()).isZero();
    assertThat(ended.output())
        .contains("archiving it as " + name + ".partial")
        .containsPattern(
            "--stanza=trio --no-archive-async --reset-archive-push-queue-max archive-push"
                + " /var/tmp/.*/"
                + name
                + "\\.partial\n");
  }

  /**
   * Before pg_rewind, a former leader has no history file of the new timeline, but Patroni knows
   * it.
   */
  @Test
  void formerLeader_asksPatroniForTheEndOfItsTimeline() throws IOException {
    Files.delete(data.resolve("postmaster.pid"));
    Files.delete(data.resolve("pg_wal/0000000B.history"));
    var last = "0000000A0000000000000030";
    write(last, "record", "");
    write("0000000A000000000000002F", "record", "");

    assertThat(push(last, 0).output()).contains(last + ".partial");
    assertThat(push("0000000A000000000000002F", 0).output())
        .isEqualTo(
            "--stanza=trio --no-archive-async archive-push pg_wal/0000000A000000000000002F\n");

    Files.createFile(data.resolve("postmaster.pid"));
    assertThat(push(last, 0).output()).doesNotContain("partial");
  }

  /** It may not have the history file of the new timeline yet. */
  @Test
  void formerLeaderThatReturned_asksPatroniToo() throws IOException {
    Files.delete(data.resolve("pg_wal/0000000B.history"));
    Files.createFile(data.resolve("standby.signal"));
    var last = "0000000A0000000000000030";
    write(last, "record", "");

    assertThat(push(last, 0).output()).contains(last + ".partial");
    assertThat(push("0000000A000000000000002F", 0).output())
        .isEqualTo(
            "--stanza=trio --no-archive-async archive-push pg_wal/0000000A000000000000002F\n");
  }

  @Test
  void segmentOfTheNewestKnownTimeline_isArchivedUnchanged() throws IOException {
    Files.delete(data.resolve("postmaster.pid"));
    Files.delete(data.resolve("pg_wal/0000000B.history"));
    Files.createDirectories(data.resolve("archive"));
    Files.createFile(data.resolve("archive/silent"));

    assertThat(push("0000000A0000000000000030", 0).output()).doesNotContain("partial");
  }

  /** Records after the beginning of the next timeline do not count. */
  @Test
  void recordsAreCompared_upToTheEndOfTheirTimeline() throws IOException {
    write("0000000A0000000000000030", "record", "record record");
    push("0000000A0000000000000030", DUPLICATE);
    assertThat(data.resolve("archive/asked")).content().startsWith("--end=0/30500000 ");

    write("0000000A0000000000000031", "another", "record");
    assertThat(push("0000000A0000000000000031", DUPLICATE).status()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0000000A0000000000000030, another, record record",
    "0000000A000000000000002F, record record, record",
    "0000000A000000000000002F, another, record"
  })
  void additionalOrDifferentRecords_fail(String name, String ours, String theirs)
      throws IOException {
    write(name, ours, theirs);

    assertThat(push(name, DUPLICATE).status()).isEqualTo(DUPLICATE);
  }

  /**
   * Two leaders on one timeline would mean lost data. A timeline that is not an ancestor is
   * unknown.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000B0000000000000031",
        "0000000C0000000000000031",
        "000000080000000000000011",
        "0000000A.history"
      })
  void duplicateOfACurrentTimeline_fails(String name) throws IOException {
    write(name, "record", "record record");

    assertThat(push(name, DUPLICATE).status()).isEqualTo(DUPLICATE);
  }

  @Test
  void otherError_fails() throws IOException {
    write("0000000A0000000000000030", "record", "record record");

    assertThat(push("0000000A0000000000000030", LOCKED).status()).isEqualTo(LOCKED);
  }

  @Test
  void unreadableArchivedSegment_fails() throws IOException {
    Files.writeString(data.resolve("pg_wal/0000000A0000000000000030"), "record");

    assertThat(push("0000000A0000000000000030", DUPLICATE).status()).isEqualTo(DUPLICATE);
  }

  @Test
  void unreadableRecords_fail() throws IOException {
    write("0000000A0000000000000030", "record", "record record");
    Files.createFile(data.resolve("archive/broken"));

    assertThat(push("0000000A0000000000000030", DUPLICATE).status()).isEqualTo(DUPLICATE);
  }

  /** pgBackRest's asynchronous process would push the waiting segment without this script. */
  @Test
  void whileAnEarlierTimelineWaits_segmentsArePushedOneByOne() throws IOException {
    ready("0000000A0000000000000030");

    assertThat(push("0000000B0000000000000031", 0).output()).contains(" --no-archive-async ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000B0000000000000032",
        "0000000B.history",
        "0000000A0000000000000030.partial"
      })
  void otherWaitingFiles_permitThatSeveralArePushed(String waiting) throws IOException {
    ready(waiting);

    assertThat(push("0000000B0000000000000031", 0).output()).doesNotContain("no-archive-async");
  }

  /** pgBackRest does not look at its limit while a segment fails. */
  @ParameterizedTest
  @CsvSource({"4, 50", "5, 0"})
  void failingSegment_isDropped_whenMoreWalWaitsThanTheLimit(int waiting, int status)
      throws IOException {
    for (int number = 0; number < waiting; number++) {
      ready("0000000B000000000000003" + number);
    }

    var ended = push("0000000B0000000000000030", LOCKED);

    assertThat(ended.status()).as(ended.output()).isEqualTo(status);
    assertThat(ended.output().contains("dropped WAL file 0000000B0000000000000030"))
        .isEqualTo(status == 0);
  }

  /** A refused history file comes before all segments, so it would stop the archiving of WAL. */
  @Test
  void failingHistory_isDroppedToo() throws IOException {
    for (int number = 0; number < 5; number++) {
      ready("0000000B000000000000003" + number);
    }

    assertThat(push("0000000B.history", DUPLICATE).status()).isZero();
  }

  @Test
  void withoutALimit_allWalIsKept() throws IOException {
    Files.writeString(data.resolve("pgbackrest.conf"), "[global]\n");
    for (int number = 0; number < 9; number++) {
      ready("0000000B000000000000003" + number);
    }

    assertThat(push("0000000B0000000000000030", LOCKED).status()).isEqualTo(LOCKED);
  }

  private void ready(String name) throws IOException {
    Files.createFile(data.resolve("pg_wal/archive_status/" + name + ".ready"));
  }

  /** Patroni calls the script with an absolute path before pg_rewind. */
  @Test
  void absolutePath_isAccepted() throws IOException {
    write("0000000A0000000000000030", "record", "record record");

    assertThat(run("/", data + "/pg_wal/0000000A0000000000000030", DUPLICATE).status()).isZero();
  }

  private void write(String name, String ours, String theirs) throws IOException {
    Files.createDirectories(data.resolve("archive"));
    Files.writeString(data.resolve("pg_wal").resolve(name), ours);
    Files.writeString(data.resolve("archive").resolve(archived(name)), theirs);
  }

  /** A segment that contains the end of its timeline is archived as partial. */
  private static String archived(String name) {
    return name.matches("000000090000000000000012|0000000A000000000000003[01]")
        ? name + ".partial"
        : name;
  }

  private TestProcess.Ended push(String name, int status) {
    return run(data.toString(), "pg_wal/" + name, status);
  }

  private TestProcess.Ended run(String folder, String file, int status) {
    var script = data.resolve("pgbackrest-push");
    return TestProcess.run(
        List.of("sh", "-c", "cd '" + folder + "' && exec '" + script + "' trio '" + file + "'"),
        "",
        Map.of(
            "PATH",
            data.resolve("bin") + ":" + System.getenv("PATH"),
            "PGBACKREST_CONFIG",
            data.resolve("pgbackrest.conf").toString(),
            "PUSHED",
            String.valueOf(status),
            "ARCHIVE",
            data.resolve("archive").toString()));
  }
}
