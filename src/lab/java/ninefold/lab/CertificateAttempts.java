package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/** Attempts to pose as a different service, or to log in, with the key of a service. */
final class CertificateAttempts {
  private CertificateAttempts() {}

  static Stream<Attempt> all() {
    return Stream.of(
        new Attempt(
            Foothold.BALANCER,
            "find a key there that clients accept as the cluster's",
            "no certificate on a balancer contains an address that clients connect to",
            CertificateAttempts::balancerHasNoClusterKey),
        new Attempt(
            Foothold.HAPROXY,
            "find, in the memory of the process, a key that clients accept as the cluster's",
            "it holds two keys, one for checks and one for the statistics page",
            CertificateAttempts::workerMemoryHasNoClusterKey),
        new Attempt(
            Foothold.PGBOUNCER,
            "pose as Patroni of a replica whose Patroni is down, so that balancers send it writers",
            "balancers ask for a name that only Patroni's certificate has",
            CertificateAttempts::poolCannotPoseAsPatroni),
        new Attempt(
            Foothold.PGBOUNCER,
            "log in with the certificate that it presents to clients",
            "that certificate is only for servers",
            CertificateAttempts::serverCertificateCannotLogIn),
        new Attempt(
            Foothold.PGBOUNCER,
            "present to clients the certificate with which it logs in",
            "that certificate is only for clients, and contains no names",
            CertificateAttempts::clientCertificateCannotServe),
        new Attempt(
            Foothold.SERVICE_USER,
            "pose as PostgreSQL to a replica, or as Patroni to a different member, with pgBackRest's key of that node",
            "PostgreSQL and Patroni do not trust pgBackRest's CA",
            CertificateAttempts::pgBackRestKeyCannotPoseAsOthers),
        new Attempt(
            Foothold.SERVICE_USER,
            "pose as its node's pgBackRest, with the key of PostgreSQL, Patroni or a pool",
            "pgBackRest trusts only a CA of its own",
            CertificateAttempts::otherKeysCannotPoseAsPgBackRest),
        new Attempt(
            Foothold.SERVICE_USER,
            "read the repository with PostgreSQL's or Patroni's certificate",
            "the repository trusts only pgBackRest's CA",
            CertificateAttempts::otherCertificatesCannotReadRepository),
        Attempt.untried(
            Foothold.FORMER,
            "use the keys that it has kept, from an address that the firewall accepts",
            "suite `layouts` tries this when it removes a database node: etcd, PostgreSQL and pgBackRest refuse them"));
  }

  /**
   * Lists the certificates below /etc/ninefold/tls that a client would accept for one of the
   * addresses.
   */
  private static String acceptedCertificates(
      AttackedCluster cluster, String node, List<String> addresses) {
    return cluster.root(
        node,
        """
        cd /etc/ninefold/tls
        for file in */node.crt */node.pem; do
          [ -e "$file" ] || continue
          ca=${file%%/*}/ca.crt
          [ -e "$ca" ] || ca=haproxy/ca.crt
          for address in %s; do
            if openssl verify -CAfile "$ca" -untrusted "$file" -purpose sslserver -verify_ip "$address" "$file" >/dev/null 2>&1
            then echo "$file is accepted for $address"; fi
          done
        done
        """
            .formatted(String.join(" ", addresses)));
  }

  /** The addresses that clients use according to the outputs. */
  private static List<String> clientAddresses(AttackedCluster cluster) {
    return Stream.concat(
            Stream.of(cluster.outputs().virtualAddress()),
            cluster.nodes().stream().map(cluster::address))
        .toList();
  }

  private static void balancerHasNoClusterKey(AttackedCluster cluster) {
    for (var balancer : cluster.outputs().nodes("balancer")) {
      assertThat(acceptedCertificates(cluster, balancer, clientAddresses(cluster)))
          .as(balancer)
          .isEmpty();
    }
    // The check works: it finds the certificate of the pool, which contains the virtual address.
    assertThat(acceptedCertificates(cluster, cluster.replica(), clientAddresses(cluster)))
        .contains("pool/node.crt is accepted for " + cluster.outputs().virtualAddress());
  }

  /** Searches the memory of HAProxy's workers for the private keys, in both byte orders. */
  private static final String KEYS_IN_MEMORY =
      """
      import glob, subprocess
      keys = {}
      for path in glob.glob("/etc/ninefold/tls/*/node.*"):
          der = subprocess.run(["openssl", "pkey", "-in", path, "-outform", "DER"], capture_output=True).stdout
          at = der.find(b"\\x02\\x01\\x01\\x04\\x20")
          if at >= 0:
              keys[path] = der[at + 5 : at + 37]
      workers = subprocess.run(["pgrep", "-u", "haproxy", "-x", "haproxy"], capture_output=True, text=True).stdout.split()
      found = set()
      for worker in workers:
          with open(f"/proc/{worker}/maps") as maps, open(f"/proc/{worker}/mem", "rb", 0) as memory:
              for line in maps:
                  area, mode = line.split()[:2]
                  if not mode.startswith("rw"):
                      continue
                  first, last = (int(end, 16) for end in area.split("-"))
                  try:
                      memory.seek(first)
                      held = memory.read(last - first)
                  except (OSError, ValueError):
                      continue
                  found |= {path for path, key in keys.items() if key in held or key[::-1] in held}
      print("\\n".join(sorted(found)))
      """;

  private static void workerMemoryHasNoClusterKey(AttackedCluster cluster) {
    for (var balancer : cluster.outputs().nodes("balancer")) {
      var held =
          cluster.root(balancer, "python3 - <<'PYTHON'\n%s\nPYTHON".formatted(KEYS_IN_MEMORY));
      // The check works: it finds the two keys that must be there.
      assertThat(held.lines())
          .as(balancer)
          .containsExactly(
              "/etc/ninefold/tls/haproxy/node.pem", "/etc/ninefold/tls/statistics/node.pem");
      assertThat(acceptedCertificates(cluster, balancer, clientAddresses(cluster)))
          .as(balancer)
          .isEmpty();
    }
  }

  /**
   * Poses as Patroni on a port. Prints the number of clients that sent a request, and of those that
   * closed the connection after they had seen the certificate.
   */
  private static final String IMPOSTOR =
      """
      import socket, ssl, sys, time
      address, folder = sys.argv[1:]
      tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      tls.load_cert_chain(f"{folder}/node.crt", f"{folder}/node.key")
      asked = refused = 0
      deadline = time.monotonic() + 20
      with socket.create_server((address, 8008)) as server:
          server.settimeout(1)
          while time.monotonic() < deadline and asked + refused < 6:
              try:
                  plain, _ = server.accept()
              except TimeoutError:
                  continue
              with plain:
                  plain.settimeout(3)
                  try:
                      with tls.wrap_socket(plain, server_side=True) as caller:
                          if caller.recv(1000):
                              asked += 1
                              caller.sendall(b"HTTP/1.0 503 Service Unavailable\\r\\n\\r\\n")
                  except OSError:
                      refused += 1
      print(f"asked {asked} refused {refused}")
      """;

  private static void poolCannotPoseAsPatroni(AttackedCluster cluster) {
    var replica = cluster.replica();
    cluster.root(replica, "systemctl stop patroni");
    try {
      assertThat(impersonatePatroni(cluster, replica, "pgbouncer", "pool"))
          .as("balancers refuse a pool's certificate")
          .matches("asked 0 refused [1-9].*");
      assertThat(impersonatePatroni(cluster, replica, "postgres", "patroni"))
          .as("balancers accept Patroni's certificate")
          .matches("asked [1-9].*");
    } finally {
      cluster.root(replica, "systemctl start patroni");
    }
    cluster.live().awaitHealthy();
  }

  private static String impersonatePatroni(
      AttackedCluster cluster, String node, String user, String service) {
    return cluster.as(
        node,
        user,
        "python3 - %s /etc/ninefold/tls/%s <<'PYTHON'\n%s\nPYTHON"
            .formatted(cluster.address(node), service, IMPOSTOR));
  }

  private static void serverCertificateCannotLogIn(AttackedCluster cluster) {
    var leader = cluster.leader();
    var patroni =
        "curl --silent --output /dev/null --max-time 10 --write-out '%%{http_code}' --cacert /etc/ninefold/tls/%1$s/ca.crt"
            + " --cert /etc/ninefold/tls/%1$s/node.crt --key /etc/ninefold/tls/%1$s/node.key"
            + " https://%2$s:8008/cluster || true";

    assertThat(lookUpVerifier(cluster, leader, "pool")).isNotEmpty().isNotEqualTo("app");
    assertThat(lookUpVerifier(cluster, leader, "pgbouncer")).isEqualTo("app");
    assertThat(cluster.as(leader, "pgbouncer", patroni.formatted("pool", cluster.address(leader))))
        .isEqualTo("000");
    assertThat(
            cluster.as(
                leader, "pgbouncer", patroni.formatted("pgbouncer", cluster.address(leader))))
        .isEqualTo("200");
  }

  private static String lookUpVerifier(AttackedCluster cluster, String node, String service) {
    return cluster.as(
        node,
        "pgbouncer",
        """
        HOME=/nonexistent psql -XAtq -d "host=%1$s user=pgbouncer dbname=postgres sslmode=verify-full \
        sslrootcert=/etc/ninefold/tls/%2$s/ca.crt sslcert=/etc/ninefold/tls/%2$s/node.crt sslkey=/etc/ninefold/tls/%2$s/node.key" \
        -c "SELECT name FROM pgbouncer.verifier('app')"
        """
            .formatted(cluster.address(node), service));
  }

  private static void clientCertificateCannotServe(AttackedCluster cluster) {
    for (var client : List.of("pgbouncer", "etcd-client")) {
      assertThat(verifyAsServer(cluster, client)).as(client).isNotEmpty().doesNotEndWith(": OK");
    }
    for (var server : List.of("pool", "patroni", "postgresql", "pgbackrest")) {
      assertThat(verifyAsServer(cluster, server)).as(server).endsWith(": OK");
    }
  }

  /** Returns what openssl reports when it verifies the certificate as that of a server. */
  private static String verifyAsServer(AttackedCluster cluster, String service) {
    return cluster.asRoot(
        cluster.replica(),
        "cd /etc/ninefold/tls/%s; openssl verify -CAfile ca.crt -untrusted node.crt -purpose sslserver node.crt"
            .formatted(service));
  }

  /** A port that no service uses. The firewall allows only the machine itself to reach it. */
  private static final int SPARE_PORT = 25999;

  /** Serves a service's certificate, either with PostgreSQL's handshake or with plain TLS. */
  private static final String SERVER =
      """
      import socket, ssl, sys
      address, port, folder, protocol = sys.argv[1:]
      tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      tls.load_cert_chain(f"{folder}/node.crt", f"{folder}/node.key")
      with socket.create_server((address, int(port))) as server:
          server.settimeout(25)
          while True:
              plain, _ = server.accept()
              with plain:
                  plain.settimeout(3)
                  try:
                      if protocol == "postgresql":
                          plain.recv(8)
                          plain.sendall(b"S")
                      with tls.wrap_socket(plain, server_side=True) as caller:
                          caller.recv(1000)
                          caller.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n")
                  except OSError:
                      pass
      """;

  /**
   * Connects to the leader as a replica. It sends no client certificate, because the protocol needs
   * one only later.
   */
  private static final String REPLICA =
      "HOME=/nonexistent timeout 10 psql -XAtq -c 'SELECT 1' -d \"host=%1$s port=%2$d user=replicator dbname=postgres"
          + " gssencmode=disable sslmode=verify-full sslrootcert=/etc/ninefold/tls/postgresql/ca.crt\"";

  /** Sends a request as Patroni to a different member's Patroni, and prints the HTTP status. */
  private static final String MEMBER =
      "curl --silent --output /dev/null --max-time 10 --write-out '%%{http_code}'"
          + " --cacert /etc/ninefold/tls/patroni/ca.crt https://%1$s:%2$d/";

  /** Connects to the repository as PostgreSQL does to archive and restore. */
  private static final String ARCHIVE =
      "runuser -u postgres -- timeout 20 pgbackrest --stanza=containers --io-timeout=3 --repo1-host=%1$s"
          + " --repo1-host-port=%2$d repo-ls";

  private static void pgBackRestKeyCannotPoseAsOthers(AttackedCluster cluster) {
    var pgBackRest = "pgbackrest-server";

    assertThat(connectToImpostor(cluster, "pgbackrest", pgBackRest, "postgresql", REPLICA))
        .contains("certificate verify failed");
    assertThat(connectToImpostor(cluster, "postgres", "postgresql", "postgresql", REPLICA))
        .as("PostgreSQL's key")
        .contains("received H")
        .doesNotContain("certificate verify failed");
    assertThat(connectToImpostor(cluster, "pgbackrest", pgBackRest, "tls", MEMBER))
        .isEqualTo("000");
    assertThat(connectToImpostor(cluster, "postgres", "patroni", "tls", MEMBER))
        .as("Patroni's key")
        .isEqualTo("200");
  }

  private static void otherKeysCannotPoseAsPgBackRest(AttackedCluster cluster) {
    for (var service : List.of("postgresql", "patroni")) {
      assertThat(connectToImpostor(cluster, "postgres", service, "tls", ARCHIVE))
          .as(service)
          .contains("unable to verify certificate presented by");
    }
    assertThat(connectToImpostor(cluster, "pgbouncer", "pool", "tls", ARCHIVE))
        .contains("unable to verify certificate presented by");
    // The impostor does not speak pgBackRest's protocol, so the command fails later.
    assertThat(connectToImpostor(cluster, "pgbackrest", "pgbackrest-server", "tls", ARCHIVE))
        .as("pgBackRest's key")
        .contains("ERROR")
        .doesNotContain("certificate");
  }

  private static void otherCertificatesCannotReadRepository(AttackedCluster cluster) {
    for (var service : List.of("postgresql", "patroni")) {
      assertThat(repositoryAs(cluster, service))
          .as(service)
          .contains("unknown ca")
          .doesNotContain("archive");
    }
    assertThat(repositoryAs(cluster, "pgbackrest")).contains("archive");
  }

  private static String repositoryAs(AttackedCluster cluster, String service) {
    return cluster.as(
        cluster.replica(),
        "postgres",
        "timeout 25 pgbackrest --stanza=containers --io-timeout=5 --repo1-host-cert-file=/etc/ninefold/tls/%1$s/node.crt"
                .formatted(service)
            + " --repo1-host-key-file=/etc/ninefold/tls/%1$s/node.key repo-ls".formatted(service));
  }

  /**
   * Starts a server as a user on the replica, with a service's certificate, and returns the output
   * of a client that connects to it.
   */
  private static String connectToImpostor(
      AttackedCluster cluster, String user, String service, String protocol, String caller) {
    var node = cluster.replica();
    var address = cluster.address(node);
    return cluster.asRoot(
        node,
        """
        runuser -u %1$s -- python3 - %2$s %3$d /etc/ninefold/tls/%4$s %5$s >/dev/null 2>&1 <<'PYTHON' &
        %6$s
        PYTHON
        server=$!
        for _ in {1..50}; do ! ss -Hltn "sport = :%3$d" | grep -q . || break; sleep 0.1; done
        %7$s </dev/null
        kill "$server"
        wait "$server" 2>/dev/null
        """
            .formatted(
                user,
                address,
                SPARE_PORT,
                service,
                protocol,
                SERVER,
                caller.formatted(address, SPARE_PORT)));
  }
}
