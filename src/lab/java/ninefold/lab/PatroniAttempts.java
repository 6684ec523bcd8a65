package ninefold.lab;

import static ninefold.lab.Foothold.BALANCER;
import static ninefold.lab.Foothold.PGBOUNCER;
import static ninefold.lab.Foothold.SERVICE_USER;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;

/** Attacks on Patroni, with a certificate of the cluster or as a user of a node. */
final class PatroniAttempts {
  private static final String CONFIGURATION = "/etc/patroni/config.d/10-patroni.yml";
  private static final String PASSWORD = "/etc/patroni/config.d/15-authentication.yml";

  /**
   * Defines {@code status}, which prints the HTTP status of a request to Patroni, or 000 if there
   * is no answer.
   */
  private static final String STATUS =
      """
      status() {
        echo "$1 $(curl --silent --insecure --output /dev/null --max-time 5 --write-out '%{http_code}' "${@:2}" || true)"
      }
      """;

  private PatroniAttempts() {}

  static Stream<Attempt> all() {
    return Stream.of(
        new Attempt(
            BALANCER,
            "change Patroni's configuration from the address of a database node that is down",
            "Patroni requires a password that only database nodes have",
            PatroniAttempts::takesAddressOfStoppedNode),
        new Attempt(
            PGBOUNCER,
            "change Patroni's configuration, switch over or restart, with PgBouncer's certificate",
            "Patroni requires a password, which only `postgres` and root can read",
            PatroniAttempts::usesPgbouncersCertificate),
        new Attempt(
            PGBOUNCER,
            "replace PostgreSQL's socket, or write to the files that Patroni's scripts keep next to it",
            "only `postgres` can write to their folder",
            PatroniAttempts::replacesPostgresqlsSocket),
        new Attempt(
            PGBOUNCER,
            "cause a switchover while PgBouncer answers, or anything else, through the hand-over socket",
            "the program behind the socket asks PgBouncer itself, and reads nothing from the socket",
            PatroniAttempts::misusesHandOverSocket),
        new Attempt(
            SERVICE_USER,
            "change, as `postgres`, the files of Patroni that steps read as root",
            "root owns the files and their folder",
            PatroniAttempts::changesPatronisFiles));
  }

  private static void takesAddressOfStoppedNode(AttackedCluster cluster) {
    var down = cluster.replica();
    var target = cluster.address(cluster.leader());
    cluster.lab().powerOff(down);
    try {
      var output =
          cluster
              .lab()
              .ssh("haproxy1", Duration.ofMinutes(2), requestsFrom(cluster.address(down), target));

      assertThat(output).as("a read from the address that it has taken over").contains("read 200");
      assertThat(output).contains("change 401");
    } finally {
      cluster.lab().powerOn(down);
      cluster.live().awaitHealthy();
    }
  }

  /**
   * Returns a script that takes over an address and sends requests from it to Patroni, with
   * HAProxy's certificate.
   */
  private static String requestsFrom(String taken, String target) {
    return STATUS
        + """
        device=$(ip -o route get %2$s | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
        pem=$(sed -n 's/.* crt \\([^ ]*\\).*/\\1/p' /etc/haproxy/haproxy.cfg | head -n 1)
        trap 'ip address del %1$s/32 dev "$device"' EXIT
        ip address add %1$s/32 dev "$device"
        # The ARP request tells the other machine which machine has this address now.
        ip neighbour flush to %2$s dev "$device"
        own=(--interface %1$s --cert "$pem" --key "$pem")
        for _ in {1..12}; do
          read=$(status read "${own[@]}" https://%2$s:8008/cluster)
          [[ $read != 'read 200' ]] || break
        done
        echo "$read"
        status change "${own[@]}" --request PATCH --data '{"nothing": null}' https://%2$s:8008/config
        """
            .formatted(taken, target);
  }

  private static void usesPgbouncersCertificate(AttackedCluster cluster) {
    var leader = cluster.leader();
    var output =
        cluster.as(
            leader,
            "pgbouncer",
            STATUS
                + """
                tls=/etc/ninefold/tls/pgbouncer
                own=(--cert $tls/node.crt --key $tls/node.key)
                at=https://%s:8008
                status read "${own[@]}" $at/cluster
                status PATCH "${own[@]}" --request PATCH --data '{"nothing": null}' $at/config
                status switchover "${own[@]}" --data '{"leader": "nobody", "candidate": "nobody"}' $at/switchover
                status restart "${own[@]}" --data '{"role": "nobody"}' $at/restart
                status guessed "${own[@]}" --user ninefold:guessed --data '{}' $at/reload
                cat %s
                """
                    .formatted(cluster.address(leader), PASSWORD));

    assertThat(output)
        .contains("read 200", "PATCH 401", "switchover 401", "restart 401", "guessed 401")
        .contains("15-authentication.yml: Permission denied");
    assertThat(cluster.as(leader, "postgres", "cat " + PASSWORD)).contains("username: ninefold");
  }

  /** Runs with the groups of PgBouncer's watch, which runs as the same user. */
  private static void replacesPostgresqlsSocket(AttackedCluster cluster) {
    var leader = cluster.leader();
    var output =
        cluster.asRoot(
            leader,
            """
            watch=$(systemctl show --property=MainPID --value pgbouncer-watch)
            groups=$(awk '$1 == "Groups:" { $1 = ""; print }' "/proc/$watch/status" | xargs | tr ' ' ,)
            if [[ $groups ]]; then groups=--groups=$groups; else groups=--clear-groups; fi
            setpriv --reuid=pgbouncer --regid=pgbouncer "$groups" bash -s <<'END_OF_SCRIPT'
            cd /run/postgresql
            [[ -S .s.PGSQL.5432 ]] && echo sees it
            mv .s.PGSQL.5432 moved && mv moved .s.PGSQL.5432 && echo replaced it
            touch promoted && echo wrote a note
            true
            END_OF_SCRIPT
            """);

    assertThat(output)
        .contains("sees it", "Permission denied")
        .doesNotContain("replaced it", "wrote a note");
  }

  private static void misusesHandOverSocket(AttackedCluster cluster) {
    var leader = cluster.leader();
    var request =
        """
        python3 - <<'PYTHON'
        import socket
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect("/run/pgbouncer-hand-over")
            connection.sendall(b'PATCH /config HTTP/1.0\\r\\n\\r\\n{"ttl": 31}')
            print(connection.recv(4096).decode())
        PYTHON
        """;

    assertThat(cluster.as(leader, "pgbouncer", request))
        .contains("no switchover: PgBouncer answers here");
    assertThat(cluster.as(leader, "nobody", request)).contains("Permission denied");
    assertThat(cluster.leader()).isEqualTo(leader);
    assertThat(cluster.sql("postgres", "SELECT 1")).isEqualTo("1");
  }

  private static void changesPatronisFiles(AttackedCluster cluster) {
    var leader = cluster.leader();
    var output =
        cluster.as(
            leader,
            "postgres",
            """
            cd /etc/patroni/config.d
            grep '^scope: ' 10-patroni.yml
            for file in *.yml /etc/ninefold/tls/patroni/callers-*.crt; do
              { : >>"$file"; } 2>/dev/null && echo "writes $file"
            done
            mv 10-patroni.yml 10-patroni.yml.moved && mv 10-patroni.yml.moved 10-patroni.yml && echo replaces
            true
            """);

    assertThat(output).contains("scope: ").doesNotContain("writes", "replaces");
    assertThat(output).contains("Permission denied");
    assertThat(cluster.root(leader, "stat -c '%U:%G' " + CONFIGURATION)).isEqualTo("root:root");
  }
}
