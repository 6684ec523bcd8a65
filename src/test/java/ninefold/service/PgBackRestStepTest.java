package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the checks of {@code templates/pgbackrest/scripts/pgbackrest.sh} with the real shell and a
 * fake pgBackRest.
 */
class PgBackRestStepTest {
  /** The output of pgBackRest 2.55. */
  private static final String MISMATCH =
      """
      2026-01-01 00:00:00.000 P00  ERROR: [039]: expected value '2.56.0' for greeting key 'version' but got '2.55.1'
                                          HINT: is the same version of pgBackRest installed on the local and remote host?
      """;

  private static final String REFUSED =
      "ERROR: [049]: unable to connect to '192.168.100.9:8432': [111] Connection refused\n";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private String owner;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    for (var folder : List.of("run/postgresql", "state/applied", "etc/systemd/system")) {
      Files.createDirectories(machine.resolve(folder));
    }
    script("lib.sh", Template.script("host/lib.sh"));
    TestProcess.environment(
        machine, "STANZA=trio", "REPOSITORY=192.168.100.9", "POSTGRES_PORT=5433");
    script("pgbackrest", Template.script("pgbackrest/pgbackrest"));
    command("hostname", "echo postgres4");
    command("ss", "echo LISTEN");
    command("systemctl", "[[ $1 != is-active ]] || echo active");
    command(
        "install",
        "if [[ \" $* \" == *\" -m 0750 \"* || \" $* \" == *\" -m 1770 \"* ]]; then echo \"$*\" >>MACHINE/made;"
            + " else exec /usr/bin/install \"$@\"; fi");
    command("runuser", "shift 3; exec \"$@\"");
    command("psql", "echo \"$*\" >>MACHINE/asked");
    command("dpkg-query", "printf 2.56.0-1");
    command(
        "pgbackrest",
        "echo \"$*\" >>MACHINE/calls; cat MACHINE/answer; exit \"$(<MACHINE/status)\"");
    owner = TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output();
    repositoryAnswers("archive\nbackup\n", 0);
  }

  @Test
  void databaseNode_asksTheRepository() throws IOException {
    var ended = step("postgres");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output()).doesNotContain("backup\n", "repository");
    assertThat(Files.readAllLines(machine.resolve("calls")))
        .singleElement()
        .asString()
        .startsWith("--stanza=trio ")
        .endsWith(" repo-ls");
  }

  /**
   * A later machine gets the current package; the repository has that of its first installation.
   */
  @Test
  void differentVersion_isRefused_andAgainTheNextTime() throws IOException {
    repositoryAnswers(MISMATCH, 39);

    for (int run = 0; run < 2; run++) {
      var ended = step("postgres");
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.output())
          .contains(
              "postgres4: pgbackrest: this machine has version 2.56.0",
              "the repository at 192.168.100.9 version 2.55.1",
              "packages.versions in the description (here: 2.56.0-1)");
    }
    repositoryAnswers("", 0);
    assertThat(step("postgres").status()).isZero();
  }

  @Test
  void unreachableRepository_isReported_withoutAFailure() throws IOException {
    repositoryAnswers(REFUSED, 49);

    var ended = step("postgres");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains("the repository at 192.168.100.9 does not serve this node", "Connection refused");
  }

  @Test
  void repositoryNode_asksNoOtherNode() {
    assertThat(step("pgbackrest").status()).isZero();

    assertThat(machine.resolve("calls")).doesNotExist();
  }

  /** The repository's user may create files there, but must not move those of root. */
  @Test
  void repositorysFolder_belongsToRoot() throws IOException {
    step("pgbackrest");

    assertThat(Files.readString(machine.resolve("made")))
        .contains("-d -o root -g pgbackrest -m 1770 /var/lib/pgbackrest\n");
  }

  /** On a database node, the server runs as postgres, and needs only the log folder. */
  @Test
  void databaseNodesLogFolder_belongsToPostgres() throws IOException {
    step("postgres");

    assertThat(Files.readString(machine.resolve("made")))
        .isEqualTo(
            """
            -d -o postgres -g postgres -m 0750 /var/log/pgbackrest
            -d -o postgres -g postgres -m 0750 /var/spool/pgbackrest
            """);
  }

  /** Archiving may have failed while the certificates changed, and is retried at once. */
  @Test
  void archivingIsRetried_afterAChangeOfPgBackRest() throws IOException {
    step("pgbackrest");
    step("postgres");
    var asked = machine.resolve("asked");
    assertThat(asked).as("PostgreSQL does not run").doesNotExist();
    Files.delete(machine.resolve("state/applied/pgbackrest"));

    try (var postgresql = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      postgresql.bind(UnixDomainSocketAddress.of(machine.resolve("run/postgresql/.s.PGSQL.5433")));
      step("postgres");
      step("postgres");
    }

    assertThat(Files.readAllLines(asked))
        .singleElement()
        .asString()
        .contains("-p 5433", "pg_reload_conf()");
  }

  /** A fifth of the disk: with its own limits, PostgreSQL may need the rest. */
  @Test
  void archiveQueue_isAFifthOfTheDisk() throws IOException {
    command("df", "printf 'Filesystem Size\\nx 50000\\n'");

    assertThat(step("postgres").status()).isZero();

    assertThat(machine.resolve("etc/pgbackrest/pgbackrest.conf"))
        .content()
        .contains("archive-push-queue-max=10000MiB\n");
  }

  @Test
  void archiveQueueThatIsLargerThanTheDisk_isRefused() throws IOException {
    command("df", "printf 'Filesystem Size\\nx 50000\\n'");

    var ended = step("postgres", "archive_queue 25001");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("25001 MiB of WAL may wait", "has 50000 MiB");
    assertThat(machine.resolve("etc/pgbackrest/pgbackrest.conf")).doesNotExist();
  }

  private void repositoryAnswers(String output, int status) throws IOException {
    Files.writeString(machine.resolve("answer"), output);
    Files.writeString(machine.resolve("status"), status + "\n");
  }

  private TestProcess.Ended step(String user) {
    return step(user, "");
  }

  private TestProcess.Ended step(String user, String header) {
    return TestProcess.run(
        List.of(machine.resolve("lib/pgbackrest").toString()),
        """
        server %3$s 192.168.100.12 8432
        disk %1$s
        %4$s
        === %1$s/etc/pgbackrest/pgbackrest.conf %2$s 0644
        [global]
        repo1-host=192.168.100.9
        repo1-host-type=tls
        archive-push-queue-max=@ARCHIVE_QUEUE@MiB

        [trio]
        pg1-path=/var/lib/postgresql/17/main
        === end
        """
            .formatted(machine, owner, user, header),
        Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
  }

  /** Writes a script with its paths below the temporary folder. */
  private void script(String name, String text) {
    TestProcess.script(machine, name, text, "/etc/", "/run/postgresql");
  }

  /** Replaces a command of the machine. */
  private void command(String name, String text) {
    TestProcess.executable(
        machine.resolve("bin").resolve(name),
        "#!/bin/bash\n" + text.replace("MACHINE", machine.toString()) + "\n");
  }
}
