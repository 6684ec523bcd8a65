package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests the scripts of a copy beside the cluster with fake programs: {@code pgbackrest} restores a
 * few files, and {@code postgres} is a shell script.
 */
class CopyFromBackupTest {
  private static final int REFUSED = 4;

  /** Two backups; the older one ended at 1000 s, the newer one at 2000 s. */
  private static final String INFO =
      """
      [{"backup": [
        {"label": "20300101-000000F", "error": false, "timestamp": {"stop": 1000},
         "lsn": {"stop": "0/5000000"}, "info": {"size": SIZE}},
        {"label": "20300102-000000F", "error": false, "timestamp": {"stop": 2000},
         "lsn": {"stop": "1/5000000"}, "info": {"size": SIZE}}]}]
      """;

  @TempDir private Path machine;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    TestProcess.environment(
        machine,
        "STANZA='trio'",
        "POSTGRES_PORT='5432'",
        "POSTGRES_DATA='/var/lib/postgresql/17/main'");
    for (var name : List.of("copy-from-backup", "copy-run", "copy-load")) {
      TestProcess.executable(machine.resolve("lib/" + name), Template.script("copy/" + name));
    }
    Files.writeString(
        machine.resolve("lib/copy_common.py"), Template.script("copy/copy_common.py"));
    info("1000000");
    program(
        "pgbackrest",
        """
        echo "$@" >>MACHINE/calls
        case "$*" in
          *' info') [ ! -e MACHINE/silent ] || { echo 'no route' >&2; exit 1; }; cat MACHINE/info ;;
          *' restore')
            data=MACHINE/copy/data
            echo 17 >$data/PG_VERSION
            echo "shared_preload_libraries = 'pgaudit'" >$data/postgresql.conf
            case "$*" in *--set=20300101*) touch MACHINE/older ;; esac ;;
        esac
        """);
    program(
        "pg_controldata",
        "echo 'max_prepared_xacts setting:  7'\necho 'max_locks_per_xact setting:  64'\n");
  }

  @ParameterizedTest
  @CsvSource({
    "--type=default, 20300102-000000F 20300101-000000F",
    "--type=time --target=1970-01-01T00:33:21+00:00, 20300102-000000F 20300101-000000F",
    "--type=time --target=1970-01-01T00:30:00+00:00, 20300101-000000F",
    "--type=lsn --target=0/5000001, 20300101-000000F",
    "--type=lsn --target=1/5000000, 20300102-000000F 20300101-000000F",
    "--type=xid --target=7, 20300102-000000F 20300101-000000F",
    "--type=immediate --set=20300101-000000F, 20300101-000000F"
  })
  void backup_isTheNewestBeforeTheTarget(String options, String labels) {
    var ended = script("copy-from-backup", ("labels " + options).split(" "));

    assertThat(ended.output()).isEqualTo(labels + "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "--type=time --target=1970-01-01T00:10:00+00:00, choose a time from 1970-01-01T00:16:41+00:00",
    "--type=lsn --target=0/1, choose a position from 0/5000000 on",
    "--set=20310101-000000F, choose one of: 20300101-000000F 20300102-000000F"
  })
  void targetThatNoBackupReaches_isRefused(String options, String remedy) {
    var ended = script("copy-from-backup", ("plan " + options).split(" "));

    assertThat(ended.status()).isEqualTo(REFUSED);
    assertThat(ended.output()).contains(remedy);
  }

  @Test
  void copyThatNeedsMoreSpaceThanThereIs_isRefused() throws IOException {
    info("1000000000000000000");

    var ended = script("copy-from-backup", "plan");

    assertThat(ended.status()).isEqualTo(REFUSED);
    assertThat(ended.output()).contains("the copy needs", "make room");
  }

  @Test
  void secondCopy_isRefused() throws IOException {
    Files.createDirectory(machine.resolve("copy"));

    var ended = script("copy-from-backup", "plan");

    assertThat(ended.status()).isEqualTo(REFUSED);
    assertThat(ended.output()).contains("already has a copy", "./ninefold copy --remove --node");
  }

  @Test
  void silentRepository_isNamed() throws IOException {
    Files.createFile(machine.resolve("silent"));

    var ended = script("copy-from-backup", "plan");

    assertThat(ended.status()).isEqualTo(REFUSED);
    assertThat(ended.output()).contains("no route", "docs/operations/repository-lost.md");
  }

  /** The newer backup does not lead to the transaction; the copy of the older one ends later. */
  @Test
  void transactionBeforeTheNewerBackup_isFoundInTheOlderOne() throws IOException {
    postgres(
        """
        [ -e MACHINE/older ] || {
          echo 'FATAL:  recovery ended before configured recovery target was reached'; exit 1; }
        cp MACHINE/copy/postgresql.conf MACHINE/copy/pg_ident.conf MACHINE
        echo 'LOG:  last completed transaction was at log time THEN'
        echo ready >MACHINE/copy/data/postmaster.pid
        exec sleep 1
        """);
    assertThat(script("copy-from-backup", "prepare").status()).isZero();

    var ended =
        script(
            "copy-run",
            "--port=5600",
            "--type=xid",
            "--target=7",
            "20300102-000000F",
            "20300101-000000F");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(progress())
        .containsExactly(
            "- restoring backup 20300102-000000F",
            "- replaying WAL until 7",
            "- backup 20300102-000000F does not lead to the target: trying an older one",
            "- restoring backup 20300101-000000F",
            "- replaying WAL until 7",
            "+ the copy is ready: last completed transaction was at log time THEN",
            "! PostgreSQL of the copy has ended");
    assertThat(calls())
        .contains(
            "--stanza=trio --pg1-path=%1$s/copy/data --tablespace-map-all=%1$s/copy/tablespaces --delta --archive-mode=off --spool-path=/tmp --set=20300101-000000F --type=xid --target=7 --target-action=promote --process-max=2 restore"
                .formatted(machine));
  }

  @Test
  void copy_neitherArchivesNorListens_andAcceptsOnlyTheMachinesOwnUser() throws IOException {
    postgres(
        """
        cp MACHINE/copy/postgresql.conf MACHINE/copy/pg_hba.conf MACHINE/copy/pg_ident.conf MACHINE
        echo ready >MACHINE/copy/data/postmaster.pid
        """);
    script("copy-from-backup", "prepare");

    script("copy-run", "--port=5600", "--type=default", "--target=", "20300102-000000F");

    assertThat(Files.readString(machine.resolve("postgresql.conf")).lines())
        .contains(
            "port = '5600'",
            "listen_addresses = ''",
            "archive_mode = 'off'",
            "max_prepared_transactions = '7'",
            "shared_preload_libraries = 'pgaudit'",
            "autovacuum = 'off'",
            "restore_command = 'pgbackrest --stanza=trio --no-archive-async --pg1-path=%s/copy/data archive-get %%f \"%%p\"'"
                .formatted(machine));
    assertThat(machine.resolve("pg_hba.conf")).hasContent("local all all peer map=copy");
    assertThat(machine.resolve("pg_ident.conf")).hasContent("copy postgres all");
  }

  @Test
  void failedCopy_leavesNoData_andTheFollowerReportsWhy() throws IOException {
    postgres("echo 'FATAL:  could not locate required checkpoint record'; exit 1");
    script("copy-from-backup", "prepare");
    script("copy-run", "--port=5600", "--type=default", "--target=", "20300102-000000F");
    assertThat(machine.resolve("copy/data")).doesNotExist();

    var ended = script("copy-from-backup", "follow");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("restoring backup 20300102-000000F", "could not locate required checkpoint");
    assertThat(machine.resolve("copy")).doesNotExist();
  }

  @Test
  void copyThatFillsTheDisk_isStoppedAndRemoved() throws IOException {
    postgres("echo ready >MACHINE/copy/data/postmaster.pid; exec sleep 60");
    script("copy-from-backup", "prepare");

    var ended =
        script(
            Map.of("NINEFOLD_COPY_FLOOR", "1000000000000000000"),
            "copy-run",
            "--port=5600",
            "--type=default",
            "--target=",
            "20300102-000000F");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(progress()).last().asString().contains("! the disk has less than", "was stopped");
    assertThat(machine.resolve("copy/data")).doesNotExist();
  }

  /** Triggers, defaults and views run the application's code. */
  @Test
  void applicationsDatabase_isOnlyEnteredByItsOwner() throws IOException {
    psql();

    var ended = script("copy-load", "table", "app", "public", "orders");

    assertThat(ended.output()).contains("loaded \"public\".\"orders\": 5 rows");
    assertThat(calls())
        .anyMatch(it -> it.matches("pg_dump .*-U app -d app .*--table-and-children=\"public\".*"))
        .anyMatch(it -> it.matches("pg_restore .*-U app -d app .*--single-transaction .*"))
        .noneMatch(it -> it.matches(".*-U postgres -d app.*"));
  }

  @Test
  void existingTable_isRefused_withTheCommandThatMovesIt() throws IOException {
    psql();

    var ended = script("copy-load", "check-table", "app", "public", "orders");

    assertThat(ended.status()).isEqualTo(REFUSED);
    assertThat(ended.output())
        .contains("already has public.orders", "-c 'ALTER TABLE \"public\".\"orders\" SET SCHEMA");
  }

  @Test
  void objectsOfTheSuperuser_areNotLoaded() throws IOException {
    psql();
    Files.writeString(
        machine.resolve("list.txt"),
        """
        ;
        2; 3079 16400 EXTENSION - pgaudit\s
        3; 0 0 COMMENT - EXTENSION pgaudit\s
        4; 2615 16500 SCHEMA - extensions postgres
        5; 0 0 ACL - SCHEMA extensions postgres
        6; 2615 2200 SCHEMA - public app
        7; 0 0 ACL - SCHEMA public app
        8; 3079 16401 EXTENSION - citext\s
        9; 1259 16402 TABLE public orders app
        """);

    var ended = script("copy-load", "database", "app");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(machine.resolve("copy/list"))
        .hasContent(
            """
            ;
            7; 0 0 ACL - SCHEMA public app
            8; 3079 16401 EXTENSION - citext\s
            9; 1259 16402 TABLE public orders app
            """);
  }

  private void psql() throws IOException {
    Files.createDirectories(machine.resolve("copy"));
    Files.writeString(machine.resolve("copy/port"), "5499");
    program(
        "psql",
        """
        echo "psql $*" >>MACHINE/calls
        case $(cat) in
          *datdba*) echo app ;;
          *'nspname IS NOT NULL'*) echo 't|t' ;;
          *extname*) echo pgaudit ;;
          *nspowner*) echo extensions ;;
          *'SELECT nspname'*) printf 'extensions\\npublic\\n' ;;
          *'count(*)'*) echo 5 ;;
        esac
        """);
    for (var name : List.of("pg_dump", "pg_restore")) {
      program(
          name,
          "echo \""
              + name
              + " $*\" >>MACHINE/calls\ncase $1 in --list) cat MACHINE/list.txt ;; esac\n");
    }
  }

  private void info(String size) throws IOException {
    Files.writeString(machine.resolve("info"), INFO.replace("SIZE", size));
  }

  private void postgres(String text) {
    program("postgres", text);
  }

  private void program(String name, String text) {
    TestProcess.executable(
        machine.resolve("bin/" + name),
        "#!/bin/sh\n" + text.replace("MACHINE", machine.toString()));
  }

  private List<String> progress() throws IOException {
    return Files.readAllLines(machine.resolve("copy/progress"));
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(machine.resolve("calls"));
  }

  /** Runs a script as the user postgres would. */
  private TestProcess.Ended script(String name, String... words) {
    return script(Map.of(), name, words);
  }

  private TestProcess.Ended script(Map<String, String> more, String name, String... words) {
    var command = new ArrayList<>(List.of(machine.resolve("lib/" + name).toString()));
    command.addAll(List.of(words));
    var environment =
        new HashMap<>(
            Map.of(
                "PATH", machine.resolve("bin") + ":" + System.getenv("PATH"),
                "NINEFOLD_USER", "postgres",
                "NINEFOLD_SCRIPTS", machine.resolve("lib").toString(),
                "NINEFOLD_BINARIES", machine.resolve("bin").toString(),
                "NINEFOLD_COPY", machine.resolve("copy").toString()));
    environment.putAll(more);
    return TestProcess.run(command, "", environment);
  }
}
