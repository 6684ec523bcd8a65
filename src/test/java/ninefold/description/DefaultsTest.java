package ninefold.description;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The defaults of a minimal description, and the values of a description with every key. */
class DefaultsTest {
  private static final String NODES =
      """
      nodes:
        - {name: a, address: 10.0.0.1, roles: [postgres, etcd, balancer]}
        - {name: b, address: 10.0.0.2, roles: [postgres, etcd, balancer]}
        - {name: c, address: 10.0.0.3, roles: [etcd, repository]}
      """;
  private static final String MINIMAL =
      """
      name: minimal
      network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
      machines: {kind: given}
      """;

  @TempDir private Path folder;

  private Cluster read(String text) throws IOException {
    return DescriptionReader.read(Files.writeString(folder.resolve("cluster.yaml"), text));
  }

  @Test
  void clusterDefaults() throws IOException {
    Cluster cluster = read(MINIMAL + NODES);

    assertThat(cluster.network()).isEqualTo(new Network("10.0.0.0/24", "10.0.0.9", List.of(), 51));
    assertThat(cluster.durability()).isEqualTo(Durability.SYNC);
    assertThat(cluster.failover()).isEqualTo(Failover.NORMAL);
    assertThat(cluster.access())
        .isEqualTo(
            new Access(
                "admin",
                22,
                true,
                List.of(),
                Optional.empty(),
                Duration.ofMinutes(5),
                Duration.ofMinutes(15)));
    assertThat(cluster.firewall()).isEqualTo(new Firewall(true, List.of(), List.of(), List.of()));
    assertThat(cluster.certificates())
        .isEqualTo(
            new Certificates(1, Optional.empty(), 1, Duration.ofDays(730), Duration.ofDays(60)));
    assertThat(cluster.passwords()).isEmpty();
    assertThat(cluster.packages())
        .isEqualTo(
            new Packages(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Map.of()));
    assertThat(cluster.time()).isEqualTo(new TimeSync(true, List.of()));
    assertThat(cluster.databases()).isEmpty();
    assertThat(cluster.machines()).isEqualTo(new Machines.Given(false));
    assertThat(cluster.stanza()).isEqualTo("minimal");
  }

  @Test
  void serviceDefaults() throws IOException {
    Cluster cluster = read(MINIMAL + NODES);

    assertThat(cluster.etcd()).isEqualTo(new EtcdSettings(2379, 2380, new Size(2048), 1));
    assertThat(cluster.postgresql())
        .isEqualTo(
            new PostgresqlSettings(
                17,
                5432,
                8008,
                "/db/",
                100,
                new Size(1),
                Watchdog.AUTOMATIC,
                DivergedData.AUTOMATIC,
                "none",
                Map.of(),
                List.of(),
                List.of()));
    assertThat(cluster.pooling())
        .isEqualTo(
            new PoolingSettings(
                6432, PoolingSettings.Mode.TRANSACTION, 300, 35, 200, Duration.ofSeconds(10)));
    assertThat(cluster.balancing())
        .isEqualTo(
            new BalancingSettings(
                5000,
                5001,
                7000,
                1000,
                Optional.empty(),
                Duration.ofMinutes(30),
                Duration.ofDays(2),
                Size.parse("100MiB")));
    assertThat(cluster.backup())
        .isEqualTo(
            new BackupSettings(
                Optional.empty(),
                8432,
                3,
                Duration.ZERO,
                Optional.empty(),
                0,
                0,
                Duration.ofDays(7),
                "Sun 03:00",
                "Mon..Sat 03:00",
                Optional.empty(),
                Duration.ofMinutes(1),
                Optional.empty(),
                FullArchiveQueue.DROP));
    assertThat(cluster.health())
        .isEqualTo(
            new Health(
                new Size(16),
                Duration.ofMinutes(3),
                Duration.ofHours(26),
                Duration.ofSeconds(5),
                90,
                80,
                1000,
                Duration.ofDays(30),
                Duration.ofMillis(500),
                10,
                10));
  }

  @Test
  void nodeDefaults() throws IOException {
    assertThat(read(MINIMAL + NODES).nodes().get(2))
        .isEqualTo(
            new Node(
                "c",
                "10.0.0.3",
                List.of(Role.ETCD, Role.REPOSITORY),
                new Size(512),
                1,
                new Size(10 * 1024),
                new Size(20 * 1024),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new Node.Tags(false, false, false, false, 1),
                1));
  }

  @Test
  void databaseDefaults() throws IOException {
    assertThat(read(MINIMAL + NODES + "databases: [{name: app, owner: me}]").databases())
        .containsExactly(
            new Database(
                "app",
                "me",
                "UTF8",
                "C.UTF-8",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty()));
  }

  @Test
  void metastoreDatabaseDefaults() throws IOException {
    Cluster cluster =
        read(
            MINIMAL
                + NODES
                + """
                databases: [{name: metastore, owner: hive, hive: {}}]
                postgresql: {maxConnections: 200}
                """);

    Database database = cluster.databases().get(0);
    assertThat(database.hive())
        .contains(
            new Hive(
                4,
                2,
                List.of(),
                "/user/hive/warehouse",
                Optional.empty(),
                "/etc/hive/conf",
                Hive.PasswordPlace.SITE,
                Duration.ofMinutes(1)));
    assertThat(database.effectiveMode(cluster.pooling())).isEqualTo(PoolingSettings.Mode.SESSION);
    assertThat(database.effectivePoolSize(cluster.pooling())).isEqualTo(60);
  }

  @Test
  void databaseWithoutPoolSettings_usesTheCommonOnes() throws IOException {
    Cluster cluster =
        read(
            MINIMAL
                + NODES
                + """
                pooling: {mode: session, poolSize: 20}
                databases:
                  - {name: usual, owner: me}
                  - {name: own, owner: me, pooling: transaction, poolSize: 7}
                """);

    Database usual = cluster.databases().get(0);
    assertThat(usual.effectiveMode(cluster.pooling())).isEqualTo(PoolingSettings.Mode.SESSION);
    assertThat(usual.effectivePoolSize(cluster.pooling())).isEqualTo(20);
    Database own = cluster.databases().get(1);
    assertThat(own.effectiveMode(cluster.pooling())).isEqualTo(PoolingSettings.Mode.TRANSACTION);
    assertThat(own.effectivePoolSize(cluster.pooling())).isEqualTo(7);
  }

  /** The number of clients that one PgBouncer accepts for the first database. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                  |                                          | 100 | all, for the only database",
        "                  | {name: b, owner: b}                      | 75  | a quarter is reserved for the others",
        "                  | {name: b, owner: b, poolSize: 20}        | 80  | reserves the pool size of the other",
        "                  | {name: b, owner: b}, {name: c, owner: c} | 75  | reserves at most a quarter",
        "                  | {name: b, owner: b, poolSize: 90}        | 75  | reserves at most a quarter",
        ", poolSize: 80    | {name: b, owner: b, poolSize: 90}        | 80  | at least its own pool size",
        ", poolSize: 120   | {name: b, owner: b, poolSize: 90}        | 100 | at most all",
        ", maxClients: 40  | {name: b, owner: b}                      | 40  | its own setting",
        ", maxClients: 100 | {name: b, owner: b}                      | 100 | its own setting may be all"
      })
  void maxClients_reservesConnectionsForOtherDatabases(
      String own, String others, int clients, String why) throws IOException {
    Cluster cluster =
        read(
            MINIMAL
                + NODES
                + "postgresql: {maxConnections: 300}\n"
                + "pooling: {maxClients: 100}\n"
                + "databases: [{name: a, owner: a"
                + Objects.toString(own, "")
                + "}"
                + (others == null ? "" : ", " + others)
                + "]");

    assertThat(cluster.maxClients(cluster.databases().get(0))).as(why).isEqualTo(clients);
  }

  @Test
  void virtualMachineDefaults() throws IOException {
    String libvirt =
        """
        {kind: libvirt, image: {source: x.qcow2}, hypervisors: [
          {name: h, uri: 'qemu:///system', pools: [{name: p, path: /p}]}]}\
        """;

    assertThat(read(MINIMAL.replace("{kind: given}", libvirt) + NODES).machines())
        .isEqualTo(
            new Machines.Libvirt(
                List.of(
                    new Machines.Hypervisor(
                        "h",
                        "qemu:///system",
                        Optional.empty(),
                        Optional.empty(),
                        List.of(new Machines.Pool("p", "/p", true)))),
                new Machines.Image("x.qcow2", Optional.empty()),
                Machines.DomainType.KVM,
                Optional.empty(),
                List.of(),
                true,
                1,
                Optional.empty(),
                1,
                Optional.empty()));
  }

  @Test
  void everyKey_isRead() throws IOException {
    Cluster cluster = DescriptionReader.read(Path.of("src/test/resources/descriptions/every.yaml"));

    assertThat(cluster.network())
        .isEqualTo(new Network("10.1.0.0/16", "10.1.9.9", List.of("db.example.net"), 7));
    assertThat(cluster.durability()).isEqualTo(Durability.QUORUM);
    assertThat(cluster.failover()).isEqualTo(Failover.WIDE);
    String key = cluster.access().jump().orElseThrow().hostKey();
    assertThat(key).startsWith("ssh-ed25519 AAAA");
    assertThat(cluster.access())
        .isEqualTo(
            new Access(
                "root",
                2222,
                false,
                List.of("someone"),
                Optional.of(new Access.Jump("gate", 2022, "me", key)),
                Duration.ofSeconds(30),
                Duration.ofMinutes(1)));
    assertThat(cluster.firewall())
        .isEqualTo(
            new Firewall(
                false, List.of("10.2.0.0/16"), List.of("10.3.0.0/24"), List.of(9100, 9187)));
    assertThat(cluster.packages().mirror()).contains("http://mirror.example.net/debian");
    assertThat(cluster.packages().securityMirror())
        .contains("http://mirror.example.net/debian-security");
    assertThat(cluster.packages().proxy()).contains("http://proxy.example.net:3142");
    assertThat(cluster.packages().versions())
        .isEqualTo(Map.of("patroni", "4.0.7-1", "pgbouncer", "1.24.*"));
    assertThat(cluster.packages().repository())
        .hasValueSatisfying(
            repository -> {
              assertThat(repository.url()).isEqualTo("https://apt.example.net/postgresql");
              assertThat(repository.suite()).isEqualTo("trixie-pgdg");
              assertThat(repository.component()).isEqualTo("18");
              assertThat(repository.key()).contains("\nmQINBE6XR8IBEACVdDKT2HEH1IyHzXkb4nIWAY7e\n");
            });
    assertThat(cluster.time()).isEqualTo(new TimeSync(false, List.of("ntp.example.net")));
    assertThat(cluster.etcd()).isEqualTo(new EtcdSettings(12379, 12380, new Size(512), 2));
    assertThat(cluster.postgresql())
        .isEqualTo(
            new PostgresqlSettings(
                18,
                15432,
                18008,
                "/service/x/",
                350,
                new Size(0),
                Watchdog.REQUIRED,
                DivergedData.KEEP,
                "ddl, role",
                Map.of("jit", "on", "wal_level", "logical", "work_mem", "8MB"),
                List.of(
                    new Slot(
                        "changes",
                        Slot.Type.LOGICAL,
                        Optional.of("sales"),
                        Optional.of("pgoutput")),
                    new Slot("1", Slot.Type.PHYSICAL, Optional.empty(), Optional.empty())),
                List.of(
                    new IgnoredSlot(
                        Optional.of("theirs"),
                        Optional.of(Slot.Type.PHYSICAL),
                        Optional.empty(),
                        Optional.empty()),
                    new IgnoredSlot(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("catalog"),
                        Optional.of("wal2json")))));
    assertThat(cluster.pooling())
        .isEqualTo(
            new PoolingSettings(
                16432, PoolingSettings.Mode.SESSION, 500, 20, 0, Duration.ofSeconds(3)));
    assertThat(cluster.balancing())
        .isEqualTo(
            new BalancingSettings(
                15000,
                15001,
                17000,
                2000,
                Optional.of(900),
                Duration.ofMinutes(5),
                Duration.ofHours(12),
                Size.parse("1GiB")));
    assertThat(cluster.backup())
        .isEqualTo(
            new BackupSettings(
                Optional.of("depot"),
                18432,
                4,
                Duration.ofDays(35),
                Optional.of(6),
                12,
                7,
                Duration.ofDays(14),
                "Sat 01:30",
                "Sun..Fri 01:30",
                Optional.of("*-*-* 0/6:00"),
                Duration.ofSeconds(30),
                Optional.of(Size.parse("2GiB")),
                FullArchiveQueue.KEEP));
    assertThat(cluster.stanza()).isEqualTo("depot");
    assertThat(cluster.health())
        .isEqualTo(
            new Health(
                new Size(64),
                Duration.ofMinutes(10),
                Duration.ofHours(170),
                Duration.ofSeconds(10),
                80,
                70,
                500,
                Duration.ofDays(20),
                Duration.ofMillis(200),
                15,
                5));
    assertThat(cluster.bootstrap()).contains(new Bootstrap("lost", "2030-01-31T02:15:00+01:00"));
    assertThat(cluster.databases())
        .containsExactly(
            new Database(
                "sales",
                "clerk",
                "LATIN1",
                "de_DE",
                List.of("uuid-ossp", "pg_trgm"),
                Optional.of(PoolingSettings.Mode.SESSION),
                Optional.of(50),
                Optional.of(300),
                Optional.of(60),
                Map.of("statement_timeout", "30s"),
                Optional.empty()),
            new Database(
                "catalog",
                "bee",
                "UTF8",
                "C.UTF-8",
                List.of(),
                Optional.of(PoolingSettings.Mode.SESSION),
                Optional.of(120),
                Optional.empty(),
                Optional.empty(),
                Map.of("idle_in_transaction_session_timeout", "0"),
                Optional.of(
                    new Hive(
                        3,
                        4,
                        List.of("thrift://m1.example.net:9083"),
                        "s3a://lake/warehouse",
                        Optional.of("hdfs://names:8020"),
                        "/opt/hive/conf",
                        Hive.PasswordPlace.STORE,
                        Duration.ofMinutes(5)))));
    assertThat(cluster.drop())
        .isEqualTo(
            new DropList(
                List.of("old"),
                List.of("former"),
                List.of("every/a", "every/b"),
                List.of("every/e")));
    assertThat(cluster.machines()).isEqualTo(new Machines.Given(true));
    assertThat(cluster.nodes().get(0))
        .isEqualTo(
            new Node(
                "a",
                "10.1.0.1",
                List.of(Role.POSTGRES, Role.ETCD, Role.BALANCER),
                new Size(4096),
                4,
                new Size(11 * 1024),
                new Size(30 * 1024),
                Optional.empty(),
                Optional.empty(),
                Optional.of(key),
                Optional.of("a.example.net"),
                new Node.Tags(false, true, false, true, 5),
                3));
    assertThat(cluster.nodes().get(1).tags())
        .isEqualTo(new Node.Tags(false, false, true, false, 1));
    assertThat(cluster.nodes().get(2).tags())
        .isEqualTo(new Node.Tags(true, false, false, false, 1));
  }
}
