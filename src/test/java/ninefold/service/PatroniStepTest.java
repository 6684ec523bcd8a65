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
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the checks of {@code templates/patroni/scripts/patroni.sh}, and its order of actions. */
class PatroniStepTest {
  /** Runs the command without changing the user, because tests do not run as root. */
  private static final String INSTALL =
      """
      to=${!#}
      if [[ $1 == -d ]]; then mkdir -p "$to"; else mkdir -p "${to%/*}"; cp "${@: -2:1}" "$to"; fi
      """;

  private static final String REFUSED = "nothing was changed";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private PatroniMachine simulated;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    simulated = PatroniMachine.create(machine);
    // The step ends here, after its first checks.
    command("install", "[[ $* != *10-patroni.yml* ]] || exit 7; exec /usr/bin/install \"$@\"");
  }

  @ParameterizedTest
  @CsvSource({
    "32GB, 4GB, 20480, WAL may take 36864 MiB",
    "512MB, 4GB, 5120, WAL may take 4608 MiB",
    "16384, -1, 20479, WAL may take 16384 MiB",
    "1 TB, 4GB, 1048576, WAL may take 1052672 MiB",
    "512MB, 4GB, 5760, ''",
    "512MB, 4GB, 10240, ''",
    "16384, -1, 20480, ''",
    "1048576kB, 4GB, 5120, ''",
  })
  void walThatWouldFillTheDisk_isRefused(String most, String slots, int size, String message) {
    command("df", "echo head; echo /dev/x %d 1 1 1%% /var/lib/postgresql".formatted(size));

    var ended = step(most, slots);

    if (message.isEmpty()) {
      assertThat(ended.status()).as(ended.output()).isEqualTo(7);
      assertThat(ended.output()).doesNotContain(REFUSED);
    } else {
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.output())
          .contains(message, "has " + size + " MiB; " + REFUSED, "postgresql.parameters");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "locales C.UTF-8                 |",
        "locales C C.UTF-8 POSIX         |",
        "locales C.UTF-8 xx_YY.UTF-8     | locale xx_YY.UTF-8",
        "extensions EXT hstore           |",
        "extensions EXT hstore pg_trgm   | extension pg_trgm (there is no EXT/pg_trgm.control)",
        "extensions EXT pg_trgm postgis  | extension postgis (there is no EXT/postgis.control)",
      })
  void missingLocalesAndExtensions_areReported(String header, String message) throws IOException {
    command("df", "echo head; echo /dev/x 10240 1 1 1% /var/lib/postgresql");
    var folder = Files.createDirectories(machine.resolve("extension"));
    Files.writeString(folder.resolve("hstore.control"), "");

    var ended = step(header.replace("EXT", folder.toString()), "512MB", "4GB", "none");

    if (message == null) {
      assertThat(ended.status()).as(ended.output()).isEqualTo(7);
      assertThat(ended.output()).doesNotContain(REFUSED);
    } else {
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.output())
          .startsWith("machine1: ")
          .contains(REFUSED, message.replace("EXT", folder.toString()), "locale-gen");
    }
  }

  /** Without its library, pgaudit's event triggers would reject every DDL statement. */
  @ParameterizedTest
  @CsvSource({
    "'pg_stat_statements,pgaudit', pg_stat_statements, primary, true",
    "'pg_stat_statements,pgaudit', pg_stat_statements, replica, false",
    "'pg_stat_statements,pgaudit', 'pg_stat_statements,pgaudit', primary, false",
    "pg_stat_statements, pg_stat_statements, primary, false",
  })
  void leader_dropsPgaudit_beforeItsLibraryIsUnloaded(
      String loaded, String wanted, String role, boolean dropped) throws IOException {
    command("df", "echo head; echo /dev/x 10240 1 1 1% /var/lib/postgresql");
    command("modprobe", "");
    command("install", INSTALL);
    command("curl", "echo '{\"role\": \"%s\", \"members\": []}'".formatted(role));
    // The step ends when it reloads Patroni.
    command(
        "systemctl",
        "case $* in *udevd*) exit 1 ;; *'reload patroni') exit 9 ;; 'is-active patroni') echo active ;; esac");
    command("journalctl", "");
    command(
        "runuser",
        """
        case $* in
          *SHOW*) echo '%s' ;;
          *'SELECT datname'*) echo postgres; echo app ;;
          *DROP*) echo "$PGOPTIONS $*" >>%s/dropped ;;
        esac
        """
            .formatted(loaded, machine));

    var ended = step("audited " + wanted.contains("pgaudit"), "512MB", "4GB", "none");

    assertThat(ended.output()).contains("could not reload patroni");
    if (dropped) {
      assertThat(machine.resolve("dropped"))
          .content()
          .containsSubsequence(
              "search_path=pg_catalog", "-d postgres -c DROP EXTENSION IF EXISTS pgaudit",
              "search_path=pg_catalog", "-d app -c DROP EXTENSION IF EXISTS pgaudit");
    } else {
      assertThat(machine.resolve("dropped")).doesNotExist();
    }
  }

  /** Members that wait for each other must accept each other's calls, even with a new password. */
  @Test
  void patroniIsReloaded_beforeTheStepWaitsForOthers() throws IOException {
    command("df", "echo head; echo /dev/x 10240 1 1 1% /var/lib/postgresql");
    command("modprobe", "");
    command("curl", "echo '{\"role\": \"primary\", \"state\": \"running\", \"members\": []}'");
    command("journalctl", "");
    command("runuser", "");
    command("install", INSTALL);
    command(
        "systemctl",
        """
        case $* in
          *udevd*) exit 1 ;;
          'is-active patroni') echo active ;;
          *'reload patroni') echo reload >>CALLS ;;
        esac
        """
            .replace("CALLS", machine + "/calls"));
    // The step ends here.
    command(
        "etcdctl",
        "[[ $2 != lock ]] || { echo lock >>CALLS; exit 1; }".replace("CALLS", machine + "/calls"));

    var held =
        """
        none
        === %s/state/versions/patroni root:root 0644
        x=1"""
            .formatted(machine);
    var ended = step("512MB", "4GB", held);

    assertThat(ended.status()).as(ended.output()).isEqualTo(1);
    assertThat(machine.resolve("calls")).as(ended.output()).content().isEqualTo("reload\nlock\n");
  }

  /** If its configuration changes too, Patroni loads a new certificate only at a second reload. */
  @Test
  void newCertificate_isPresentedBeforeTheStepEnds() throws IOException {
    command("df", "echo head; echo /dev/x 10240 1 1 1% /var/lib/postgresql");
    command("modprobe", "");
    command("curl", "echo '{\"role\": \"primary\", \"state\": \"running\", \"members\": []}'");
    command("journalctl", "");
    command("runuser", "echo t");
    command("etcdctl", "");
    command("install", INSTALL);
    command(
        "openssl",
        "case $1 in s_client) cat SHOWN ;; x509) cat ;; esac".replace("SHOWN", machine + "/shown"));
    command(
        "systemctl",
        """
        case $* in
          *udevd*) exit 1 ;;
          'is-active patroni') echo active ;;
          *'reload patroni')
            echo reload >>MACHINE/calls
            (($(wc -l <MACHINE/calls) < 2)) || echo new >MACHINE/shown ;;
        esac
        """
            .replace("MACHINE", machine.toString()));
    Files.createDirectories(machine.resolve("etc/ninefold/tls/patroni"));
    Files.writeString(machine.resolve("etc/ninefold/tls/patroni/node.crt"), "new\n");
    Files.writeString(machine.resolve("shown"), "old\n");

    var ended = step("512MB", "4GB", "none");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(machine.resolve("calls")).content().isEqualTo("reload\nreload\n");
  }

  /** A parent folder of the data may be a link that PostgreSQL's user has created. */
  @Test
  void data_isWipedAsPostgresqlsUser() throws IOException {
    var data = Files.createDirectories(simulated.data());
    Files.writeString(data.resolve("PG_VERSION"), "17");
    Files.createDirectories(machine.resolve("etc/patroni/config.d"));
    Files.writeString(
        machine.resolve("etc/patroni/config.d/10-patroni.yml"),
        "postgresql:\n  data_dir: %s\n".formatted(data));
    command("systemctl", "");
    command("runuser", "echo \"$2 $4\" >>%s/by; exec \"${@:4}\"".formatted(machine));

    var ended = simulated.run("", "remove", "wipe");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(data).doesNotExist();
    assertThat(machine.resolve("by")).content().isEqualTo("postgres find\npostgres rmdir\n");
  }

  private TestProcess.Ended step(String most, String slots) {
    return step(most, slots, "none");
  }

  private TestProcess.Ended step(String most, String slots, String bootstrap) {
    return step("", most, slots, bootstrap);
  }

  private TestProcess.Ended step(String header, String most, String slots, String bootstrap) {
    return simulated.step(
        """
        max_wal_size %s
        max_slot_wal_keep_size %s
        %s
        """
            .formatted(most, slots, header),
        """
        === %s/etc/patroni/config.d/10-patroni.yml root:root 0644
        name: a
        === %s/etc/patroni/config.d/20-bootstrap.yml root:root 0644
          %s
        """
            .formatted(machine, machine, bootstrap));
  }

  private void command(String name, String text) {
    simulated.command(name, text);
  }
}
