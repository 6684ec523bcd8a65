package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import ninefold.TestProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that {@code templates/patroni/scripts/patroni.sh} prevents a new cluster if the repository
 * has backups of a lost one.
 */
class FoundingStepTest {
  private static final String BACKED_UP =
      """
      echo '[{"name": "trio", "status": {"code": 0, "message": "ok"},
        "backup": [{"label": "20260101-030000F"}, {"label": "20260102-030000F"}]}]'
      """;
  private static final String EMPTY =
      """
      echo '[{"name": "trio", "status": {"code": 1, "message": "missing stanza path"}, "backup": []}]'
      """;
  private static final String NOT_ASKED = "could not be asked";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private PatroniMachine simulated;
  private String owner;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    simulated = PatroniMachine.create(machine);
    Files.createDirectories(machine.resolve("etc/pgbackrest"));
    Files.createDirectories(simulated.data());
    owner = TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output();
    command("modprobe", "false");
    command("journalctl", "");
    command("df", "echo head; echo /dev/x 99999 1 1 1%% /var/lib/postgresql");
    command("runuser", "shift 3; exec \"$@\"");
    command("etcdctl", "echo \"$*\" >>MACHINE/asked; cat MACHINE/initialize 2>/dev/null || true");
    command(
        "install",
        """
        words=()
        while (($#)); do case $1 in -o | -g) shift 2 ;; *) words+=("$1"); shift ;; esac; done
        exec /usr/bin/install "${words[@]}"
        """);
    command(
        "systemctl",
        """
        case $* in
          *is-active*) echo inactive; exit 3 ;;
          *start*) touch MACHINE/started; exit 7 ;;
        esac
        """);
    repository(BACKED_UP);
  }

  @Test
  void existingBackups_preventANewCluster() throws IOException {
    var ended = step();

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains(
            "the repository holds backups of trio, the newest is 20260102-030000F",
            "PostgreSQL was not started",
            "bootstrap: {from: trio}",
            "docs/operations/all-databases-lost.md",
            "a different backup.stanza");
    assertThat(machine.resolve("started")).doesNotExist();
    assertThat(Files.readString(machine.resolve("asked")))
        .isEqualTo("get --keys-only /db/trio/initialize\n");
  }

  @Test
  void unreadableBackups_preventANewCluster() {
    repository(
        EMPTY
            .replace("\"code\": 1", "\"code\": 99")
            .replace("missing stanza path", "[CryptoError] no"));

    assertThat(step().output())
        .contains("a stanza trio that the passphrase of this stack does not open");
    assertThat(machine.resolve("started")).doesNotExist();
  }

  @Test
  void withoutBackups_patroniIsStarted() {
    repository(EMPTY);

    assertThat(step().output()).contains("could not start patroni").doesNotContain(NOT_ASKED);
    assertThat(machine.resolve("started")).exists();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo 'unable to connect' >&2; exit 49",
        "echo '[{\"status\": {\"code\": 99, \"message\": \"[HostConnectError] unable to connect\"}, \"backup\": []}]'",
      })
  void unansweringRepository_doesNotPreventTheStart(String pgbackrest) {
    repository(pgbackrest);

    assertThat(step().output()).contains(NOT_ASKED, "unable to connect", "could not start patroni");
  }

  @ParameterizedTest
  @ValueSource(strings = {"data/17/main/PG_VERSION", "initialize"})
  void existingCluster_isStartedWithoutAskingTheRepository(String sign) throws IOException {
    Files.writeString(machine.resolve(sign), "/db/trio/initialize\n");
    repository("touch MACHINE/pgbackrest-ran");

    assertThat(step().output()).contains("could not start patroni").doesNotContain(NOT_ASKED);
    assertThat(machine.resolve("pgbackrest-ran")).doesNotExist();
  }

  private void repository(String pgbackrest) {
    command("pgbackrest", pgbackrest);
  }

  private TestProcess.Ended step() {
    return simulated.step(
        """
        max_wal_size 512MB
        max_slot_wal_keep_size 4GB
        """,
        """
        === %1$s/etc/patroni/config.d/10-patroni.yml %2$s 0644
        scope: trio
        namespace: /db/
        name: a
        postgresql:
          data_dir: %3$s
        """
            .formatted(machine, owner, simulated.data()));
  }

  private void command(String name, String text) {
    simulated.command(name, text);
  }
}
