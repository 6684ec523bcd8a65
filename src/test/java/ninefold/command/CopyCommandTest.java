package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code copy}, and {@code restore} of a table or a database: which scripts run where. */
class CopyCommandTest {
  private static final String BEFORE = "2026-11-30T05:00:00Z";
  private static final String OPTIONS =
      "--port=5499 --type=time --target=2026-11-30 05:00:00.000000+00:00";

  private static FakeObservation observed() {
    return FakeObservation.described("databases: [{name: app, owner: app}]\n");
  }

  @Test
  void copy_isMadeOnTheAsynchronousReplica_afterTheLeaderHasArchived() {
    var connection = new FakeClusterConnection(observed());

    var run = Run.of(connection, "copy", "--to", BEFORE);

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(connection.copied)
        .containsExactly(
            "c: copy-from-backup plan " + OPTIONS,
            "a: copy-from-backup archive",
            "c: copy-from-backup create " + OPTIONS);
    assertThat(run.out())
        .contains(
            "on c:\n  sudo -u postgres psql -h /var/lib/postgresql/ninefold-copy -p 5499 -U app -d"
                + " app\n",
            "./ninefold copy --remove --node c\n");
  }

  @ParameterizedTest
  @CsvSource({"c, b", "b c, a", "a b, c"})
  void copy_avoidsMachinesThatDoNotAnswer_andTheLeader(String silent, String expected) {
    var connection = new FakeClusterConnection(observed().silent(silent.split(" ")));

    Run.of(connection, "copy", "--to", "latest", "--plan");

    assertThat(connection.copied)
        .containsExactly(expected + ": copy-from-backup plan --port=5499 --type=default");
  }

  @Test
  void copyWithoutLeader_hasWhatIsArchived() {
    var connection = new FakeClusterConnection(observed().leader());

    var run = Run.of(connection, "copy", "--to", "latest", "--node", "a", "--timeline", "3");

    assertThat(connection.copied)
        .containsExactly(
            "a: copy-from-backup plan --port=5499 --timeline=3 --type=default",
            "a: copy-from-backup create --port=5499 --timeline=3 --type=default");
    assertThat(run.out()).contains("can only have what is archived already");
  }

  /** An earlier point may still be recovered, and its recovery fails by itself if it is not. */
  @Test
  void failedArchiving_doesNotEndTheCommand() {
    var connection =
        new FakeClusterConnection(observed())
            .withCopyOutcome("archive", FakeClusterConnection.ended(1, "", "not archived"));

    var run = Run.of(connection, "copy", "--to", BEFORE);

    assertThat(run.status()).isZero();
    assertThat(run.err()).contains("not archived");
    assertThat(connection.copied).anyMatch(it -> it.contains("create"));
  }

  @Test
  void remove_concernsAllDatabaseNodes() {
    var connection = new FakeClusterConnection(observed());

    assertThat(Run.of(connection, "copy", "--remove").status()).isZero();

    assertThat(connection.copied)
        .containsExactly(
            "a: copy-from-backup remove",
            "b: copy-from-backup remove",
            "c: copy-from-backup remove");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "copy",
        "copy --to yesterday",
        "copy --to latest --remove",
        "copy --to latest --node d",
        "copy --to latest --port 80",
        "copy --to latest --timeline x",
        "restore --table app:orders --to latest",
        "restore --table app:public.o'x --to latest",
        "restore --table app:public.orders",
        "restore --table app:public.orders --database app --to latest"
      })
  void invalidCommandLine_contactsNoScript(String line) {
    var connection = new FakeClusterConnection(observed());

    assertThat(Run.of(connection, line.split(" ")).status()).isEqualTo(64);

    assertThat(connection.copied).isEmpty();
  }

  @Test
  void timeInTheFuture_isRefused() {
    var connection = new FakeClusterConnection(observed());

    var run = Run.of(connection, "copy", "--to", "2026-11-30T07:00:00Z");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.err()).contains("2026-11-30T07:00:00Z is in the future");
    assertThat(connection.copied).isEmpty();
  }

  @Test
  void refusalOfTheScript_isPrinted_andEndsTheCommand() {
    var connection =
        new FakeClusterConnection(observed())
            .withCopyOutcome("plan", FakeClusterConnection.ended(4, "", "no space\nmake room\n"));

    var run = Run.of(connection, "copy", "--to", "latest");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.err())
        .isEqualTo(
            """
            refused; nothing was changed:
              no space
                next: make room
            """);
    assertThat(connection.copied).hasSize(1);
  }

  @Test
  void table_isRestoredBesideTheLeader() {
    var connection = new FakeClusterConnection(observed());

    var run =
        Run.of(connection, "restore", "--table", "app:public.orders", "--to", BEFORE, "--yes");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(connection.copied)
        .containsExactly(
            "a: copy-load check-table app public orders",
            "a: copy-from-backup plan " + OPTIONS,
            "a: copy-from-backup archive",
            "a: copy-from-backup create " + OPTIONS,
            "a: copy-load table app public orders",
            "a: copy-from-backup remove");
  }

  @Test
  void failedLoad_removesTheCopy() {
    var connection =
        new FakeClusterConnection(observed())
            .withCopyOutcome("database", FakeClusterConnection.ended(1, "", "it has no table"));

    var run = Run.of(connection, "restore", "--database", "app", "--to", "xid:7", "--yes");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("failed on a:\n  it has no table\n");
    assertThat(connection.copied)
        .endsWith("a: copy-load database app", "a: copy-from-backup remove");
  }

  @Test
  void planOfARestore_changesNothing() {
    var connection = new FakeClusterConnection(observed());

    Run.of(connection, "restore", "--database", "app", "--to", "latest", "--plan");

    assertThat(connection.copied)
        .containsExactly(
            "a: copy-load check-database app",
            "a: copy-from-backup plan --port=5499 --type=default");
  }

  @Test
  void restore_asks_andIsRefusedWithoutATerminal() {
    var line = "restore --database app --to latest".split(" ");
    var connection = new FakeClusterConnection(observed());

    assertThat(Run.of(connection, line).err()).contains("use --yes");
    assertThat(Run.answered(connection, "n", line).status()).isEqualTo(4);
    assertThat(connection.copied).noneMatch(it -> it.contains("create"));
    assertThat(Run.answered(connection, "y", line).status()).isZero();
    assertThat(connection.copied).anyMatch(it -> it.contains("create"));
  }

  @Test
  void databaseThatIsNotDescribed_isRefused() {
    var connection = new FakeClusterConnection(observed());

    var run = Run.of(connection, "restore", "--database", "other", "--to", "latest", "--yes");

    assertThat(run.status()).isEqualTo(4);
    assertThat(run.err()).contains("no database other", "next: choose one of: app");
  }

  @Test
  void restoreWithoutALeader_isRefused() {
    var connection = new FakeClusterConnection(observed().leader());

    var run = Run.of(connection, "restore", "--database", "app", "--to", "latest", "--yes");

    assertThat(run.status()).isEqualTo(4);
    assertThat(connection.copied).isEmpty();
  }
}
