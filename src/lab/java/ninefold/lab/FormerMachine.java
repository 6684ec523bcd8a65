package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** The keys that a removed database node has kept. */
final class FormerMachine {
  private static final String KEPT = "/run/kept";
  private static final String OWN = "/etc/ninefold/tls";

  private FormerMachine() {}

  /**
   * Requires that no service accepts the keys. They are tried on a machine that is still a database
   * node, so that no rule on addresses refuses them. The same requests with that machine's own keys
   * must succeed.
   *
   * @param kept the folder of the kept keys, as a tar archive in base64
   */
  static void assertKeysAreRefused(Lab lab, LiveCluster cluster, String kept) {
    var node = cluster.replicas().get(0);
    lab.ssh(
        node,
        "rm -rf %1$s; mkdir -m 0700 %1$s; base64 -d <<<'%2$s' | tar xz -C %1$s; chown -R postgres: %1$s"
            .formatted(KEPT, kept));
    try {
      assertThat(etcd(lab, node, KEPT)).as("etcd, each member").doesNotContain("OK");
      assertThat(etcd(lab, node, OWN).lines()).containsExactly("OK", "OK", "OK");
      assertThat(replication(lab, node, cluster.leader(), KEPT)).contains("FATAL");
      assertThat(replication(lab, node, cluster.leader(), OWN)).doesNotContain("FATAL", "error");
      assertThat(repository(lab, node, KEPT)).contains("access denied");
      assertThat(repository(lab, node, OWN)).contains("archive");
    } finally {
      lab.ssh(
          node,
          "rm -rf %s; set -a; . /etc/ninefold/patroni-etcd.env; etcdctl del former >/dev/null"
              .formatted(KEPT));
    }
  }

  private static String etcd(Lab lab, String node, String keys) {
    return lab.ssh(
        node,
        """
        set -a
        . /etc/ninefold/patroni-etcd.env
        ETCDCTL_CERT=%1$s/etcd-client/node.crt ETCDCTL_KEY=%1$s/etcd-client/node.key
        for member in ${ETCDCTL_ENDPOINTS//,/ }; do
          ETCDCTL_ENDPOINTS=$member etcdctl --command-timeout=5s put former x 2>&1 || true
        done
        """
            .formatted(keys));
  }

  private static String replication(Lab lab, String node, String leader, String keys) {
    return lab.ssh(
        node,
        """
        cd /
        address=$(awk '$1 == "connect_address:" { print $2 }' /etc/patroni/config.d/10-patroni.yml | tail -n 1)
        runuser -u postgres -- timeout 20 psql -XAt -d "host=%2$s port=${address##*:} user=replicator replication=1 \
        sslmode=verify-full sslrootcert=/etc/ninefold/tls/postgresql/ca.crt \
        sslcert=%1$s/postgresql/node.crt sslkey=%1$s/postgresql/node.key" -c IDENTIFY_SYSTEM 2>&1 || true
        """
            .formatted(keys, StackOutputs.of(lab).address(leader)));
  }

  private static String repository(Lab lab, String node, String keys) {
    return lab.ssh(
        node,
        Duration.ofSeconds(90),
        """
        cd /
        stanza=$(sed -n 's/^\\[\\([^:]*\\)\\]$/\\1/p' /etc/pgbackrest/pgbackrest.conf | grep -vx global)
        runuser -u postgres -- timeout 60 pgbackrest --stanza="$stanza" --repo1-host-cert-file=%1$s/pgbackrest/node.crt \
        --repo1-host-key-file=%1$s/pgbackrest/node.key repo-ls 2>&1 || true
        """
            .formatted(keys));
  }
}
