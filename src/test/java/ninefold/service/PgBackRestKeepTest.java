package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

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
 * Tests what {@code templates/pgbackrest/scripts/pgbackrest-keep.py} keeps of a repository and
 * restores. It gives files to root, so these tests need root, as in a container that builds the
 * project. The user nobody stands for the repository's user.
 */
class PgBackRestKeepTest {
  private static final String BACKUP = "backup/trio/20260101-030000F";
  private static final String SEGMENT =
      "archive/trio/17-1/0000000100000000/000000010000000000000001-" + "a".repeat(40) + ".zst";

  @TempDir private Path folder;
  private Path repository;
  private Path script;

  @BeforeEach
  void repository() throws IOException {
    assumeThat(TestProcess.run("id", "-u").output().strip()).isEqualTo("0");
    repository = Files.createDirectory(folder.resolve("repository"));
    script = folder.resolve("pgbackrest-keep");
    TestProcess.executable(
        script,
        Template.script("pgbackrest/pgbackrest-keep")
            .replace("OWNER = \"pgbackrest\"", "OWNER = \"nobody\""));
    write(BACKUP + "/bundle/1", "data");
    write(BACKUP + "/backup.manifest", "manifest");
    write("backup/trio/backup.info", "one backup");
    write(SEGMENT, "WAL");
  }

  @Test
  void deletedAndReplacedFiles_areRestored() throws IOException {
    keep("7");
    var then = shell("date '+%F %T.%N'");
    shell("rm -r " + BACKUP + " archive; rm backup/trio/backup.info");
    write("backup/trio/backup.info", "nonsense");
    keep("7");

    assertThat(keep("bring-back", then)).contains("4 files are back");

    assertThat(read(BACKUP + "/bundle/1")).isEqualTo("data");
    assertThat(read("backup/trio/backup.info")).isEqualTo("one backup");
    assertThat(read(SEGMENT)).isEqualTo("WAL");
    assertThat(shell("stat -c '%U %a' archive/trio")).isEqualTo("nobody 750");
    assertThat(keep("bring-back", then)).contains("0 files are back");
  }

  /** pgBackRest deleted them because they had expired. */
  @Test
  void filesDeletedBefore_areNotRestored() {
    keep("7");
    shell("rm -r " + BACKUP);

    assertThat(keep("bring-back", shell("date '+%F %T.%N'"))).contains("0 files are back");
  }

  @Test
  void repositorysUser_canOnlyDeleteItsOwnName() {
    keep("7");

    assertThat(shell("stat -c '%U %a' kept " + SEGMENT)).isEqualTo("root 700\nroot 640");
    assertThat(shell("find kept -type f | wc -l")).isEqualTo("4");
    assertThat(shell("find . -path ./kept -prune -o -type f -links 1 -print")).isEmpty();
  }

  @Test
  void incompleteBackupsAndFiles_areNotTouched() throws IOException {
    write("backup/trio/20260102-030000F/bundle/1", "half");
    write(SEGMENT + ".pgbackrest.tmp", "half");

    keep("7");

    assertThat(shell("find . -type f -links 1")).hasLineCount(2).contains("20260102", "tmp");
  }

  /** The repository's user must not make root write to a different folder. */
  @Test
  void linksAndForeignFiles_areIgnored() throws IOException {
    Files.writeString(folder.resolve("secret"), "secret");
    shell("chmod 0600 ../secret; mkdir ../elsewhere; chown nobody ../elsewhere");
    shell("ln ../secret archive/trio/secret; ln -s ../.. archive/trio/up; ln -s /etc backup/etc");

    keep("7");

    assertThat(shell("stat -c '%U %a %h' ../secret")).endsWith("600 2");
    assertThat(shell("find kept -name 'up*' -o -name 'etc*' -o -name 'secret*'")).isEmpty();
    var then = shell("date '+%F %T.%N'");
    shell("mv archive ../was; ln -s ../elsewhere archive");
    assertThat(run("bring-back", then).status()).isNotZero();
    assertThat(shell("ls ../elsewhere")).isEmpty();
  }

  @Test
  void deletedFiles_areDroppedAfterTheirTime() {
    keep("7");
    shell("rm -r " + BACKUP);

    shell(
        """
        python3 -c '
        import os, sys, time
        from importlib.machinery import SourceFileLoader
        sys.dont_write_bytecode = True
        os.environ["PGBACKREST_REPOSITORY"] = "."
        keep = SourceFileLoader("keep", "../pgbackrest-keep").load_module()
        keep.forget(os.open(".", os.O_RDONLY), time.time() + 1)'
        """);

    assertThat(shell("find kept -type f")).hasLineCount(2).doesNotContain("20260101");
    assertThat(shell("ls kept/backup/trio")).hasLineCount(1);
  }

  @Test
  void zeroDays_dropEverything() throws IOException {
    keep("7");
    keep("0");

    assertThat(repository.resolve("kept")).doesNotExist();
    assertThat(read(SEGMENT)).isEqualTo("WAL");
    keep("7");
    assertThat(shell("find kept -type f")).hasLineCount(4);
  }

  @Test
  void twoFilesOfASegment_areReported() throws IOException {
    keep("7");
    write(SEGMENT.replace("aaa", "bbb"), "forged");

    assertThat(keep("bring-back", shell("date '+%F %T.%N'")))
        .contains("one file too many", SEGMENT, SEGMENT.replace("aaa", "bbb"));
  }

  @Test
  void folderOfADifferentUser_isRefused() {
    shell("mkdir kept; chown nobody kept");

    assertThat(run("7").output()).contains("kept is not root's", "move it away");
  }

  private String keep(String... arguments) {
    var ended = run(arguments);
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private TestProcess.Ended run(String... arguments) {
    var command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    return TestProcess.run(command, "", Map.of("PGBACKREST_REPOSITORY", repository.toString()));
  }

  private void write(String name, String text) throws IOException {
    var file = repository.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    shell("chown -R nobody: archive backup 2>/dev/null || true");
  }

  private String read(String name) throws IOException {
    return Files.readString(repository.resolve(name));
  }

  private String shell(String command) {
    var ended = TestProcess.run("bash", "-c", "cd '" + repository + "' && { " + command + "\n}");
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output().strip();
  }
}
