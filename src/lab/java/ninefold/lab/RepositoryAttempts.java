package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;

/** Attempts through pgBackRest's servers, in both directions. */
final class RepositoryAttempts {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Runs pgBackRest as a user. The output ends with {@code well} if it succeeded. */
  private static final String PGBACKREST =
      "cd /; ! %s | runuser -u %s -- timeout 110 pgbackrest --stanza=containers %s 2>&1 || echo well";

  private RepositoryAttempts() {}

  static Stream<Attempt> all() {
    return Stream.of(
        new Attempt(
            Foothold.REPOSITORY,
            "log in to PostgreSQL as its superuser, through pgBackRest",
            "pgBackRest's servers run as a user that PostgreSQL accepts only as `backup`",
            RepositoryAttempts::superuserThroughPgBackRest),
        new Attempt(
            Foothold.REPOSITORY,
            "read a database node's keys and passwords, or change its files, through pgBackRest",
            "pgBackRest's servers see only PostgreSQL's data, and cannot write there",
            RepositoryAttempts::filesThroughPgBackRest),
        new Attempt(
            Foothold.DATABASE,
            "overwrite and expire backups on the repository",
            "to the repository's server, backups are read-only",
            RepositoryAttempts::backupsThroughTheServer),
        new Attempt(
            Foothold.DATABASE,
            "destroy archived WAL for good",
            "root on the repository keeps what was archived, and puts it back",
            RepositoryAttempts::archivedWal),
        new Attempt(
            Foothold.SERVICE_USER,
            "destroy all backups for good, as `pgbackrest` on the repository",
            "root on the repository keeps them, and puts them back",
            RepositoryAttempts::allBackups));
  }

  private static void superuserThroughPgBackRest(AttackedCluster cluster) {
    var output =
        pgBackRest(
            cluster,
            "repository",
            "pgbackrest",
            "--pg1-user=postgres --pg2-user=postgres --pg3-user=postgres check");
    assertThat(output)
        .contains("Peer authentication failed for user \"postgres\"")
        .doesNotContain("well");
    assertThat(pgBackRest(cluster, "repository", "pgbackrest", "check"))
        .as("the check as the permitted user")
        .endsWith("well");
  }

  /** Runs commands with the server process's user, capability and mount namespace. */
  private static void filesThroughPgBackRest(AttackedCluster cluster) {
    var output =
        cluster.root(
            cluster.leader(),
            """
            pid=$(systemctl show --property=MainPID --value pgbackrest)
            within() {
              nsenter --target "$pid" --mount --wd=/ setpriv --reuid=pgbackrest --regid=pgbackrest --clear-groups \
                --inh-caps=+dac_read_search --ambient-caps=+dac_read_search --bounding-set=-all,+dac_read_search "$@"
            }
            for secret in /etc/ninefold/tls/{patroni,etcd-client,postgresql,pgbouncer,pgbackrest}/node.key \
              /etc/patroni/config.d/10-patroni.yml /etc/shadow /etc/ssh/ssh_host_ed25519_key \
              /var/lib/ninefold/applied/patroni; do
              [[ -s $secret ]] || echo "$secret is not on this machine"
              ! within cat "$secret" >/dev/null 2>&1 || echo "could read $secret"
            done
            ! within touch /var/lib/postgresql/17/main/attempt 2>/dev/null || echo 'could write'
            within cat /var/lib/postgresql/17/main/PG_VERSION
            """);
    assertThat(output).isEqualTo("17");
  }

  private static void backupsThroughTheServer(AttackedCluster cluster) {
    var replica = cluster.replica();
    var before = backups(cluster);
    for (var name : new String[] {"backup.info", "backup.info.copy"}) {
      assertThat(write(cluster, replica, "backup/containers/" + name))
          .contains("Read-only file system")
          .doesNotContain("well");
    }
    pgBackRest(
        cluster,
        replica,
        "postgres",
        "--repo1-retention-full=1 --repo1-retention-archive=9 expire");
    assertThat(backups(cluster)).isEqualTo(before).isNotBlank();
    var archived = "archive/containers/attempt";
    assertThat(write(cluster, replica, archived))
        .as("writes to the archive, which are permitted")
        .endsWith("well");
    cluster.root("repository", "rm /var/lib/pgbackrest/" + archived);
  }

  private static void archivedWal(AttackedCluster cluster) {
    var since = keepNow(cluster);
    var path =
        cluster.root(
            "repository", "cd /var/lib/pgbackrest; find archive -name '0*.zst' | sort | tail -n 1");
    var before = digest(cluster, path);

    assertThat(write(cluster, cluster.replica(), path)).endsWith("well");
    assertThat(digest(cluster, path)).as("the archive after the attempt").isNotEqualTo(before);
    var output = bringBack(cluster, since);

    assertThat(digest(cluster, path)).as(output).isEqualTo(before);
  }

  private static void allBackups(AttackedCluster cluster) {
    var since = keepNow(cluster);
    var before = backups(cluster);

    var attempt =
        cluster.as(
            "repository",
            "pgbackrest",
            """
            cd /var/lib/pgbackrest
            mv kept elsewhere; rm -rf kept; ls kept
            for file in backup/containers/*/backup.manifest; do echo x >>"$file"; chmod 0660 "$file"; done
            rm -rf backup/containers/2* backup/containers/backup.history
            for file in backup/containers/backup.info{,.copy}; do rm "$file"; echo x >"$file"; done
            """);
    assertThat(pgBackRest(cluster, "repository", "pgbackrest", "info"))
        .as("the repository after the attempt: " + attempt)
        .contains("status: error");
    var output = bringBack(cluster, since);

    assertThat(backups(cluster)).as(output).isEqualTo(before).isNotBlank();
    assertThat(pgBackRest(cluster, "repository", "pgbackrest", "info")).contains("status: ok");
    assertThat(pgBackRest(cluster, "repository", "pgbackrest", "check")).endsWith("well");
  }

  /**
   * Runs the job that keeps copies of the backups every ten minutes, and returns the time
   * afterwards.
   */
  private static String keepNow(AttackedCluster cluster) {
    return cluster.root(
        "repository",
        """
        systemctl reset-failed pgbackrest-keep
        systemctl start pgbackrest-keep
        date '+%F %T.%N'
        """);
  }

  /** Restores the kept copies, as docs/operations/backup-and-restore.md describes. */
  private static String bringBack(AttackedCluster cluster, String since) {
    return cluster.root(
        "repository",
        """
        systemctl stop pgbackrest pgbackrest-{full,diff,keep}.timer
        /usr/local/lib/ninefold/pgbackrest-keep bring-back '%s'
        systemctl start pgbackrest pgbackrest-{full,diff,keep}.timer
        """
            .formatted(since));
  }

  private static String digest(AttackedCluster cluster, String path) {
    return cluster.root("repository", "cd /var/lib/pgbackrest; sha256sum '" + path + "'");
  }

  private static String backups(AttackedCluster cluster) {
    return cluster.root(
        "repository", "cd /var/lib/pgbackrest/backup; find . -type f -exec sha256sum {} + | sort");
  }

  private static String write(AttackedCluster cluster, String node, String path) {
    return pgBackRest(cluster, node, "postgres", "repo-put --raw " + path, "echo x");
  }

  private static String pgBackRest(
      AttackedCluster cluster, String node, String user, String command) {
    return pgBackRest(cluster, node, user, command, ":");
  }

  private static String pgBackRest(
      AttackedCluster cluster, String node, String user, String command, String input) {
    return cluster.lab().ssh(node, LIMIT, PGBACKREST.formatted(input, user, command));
  }
}
