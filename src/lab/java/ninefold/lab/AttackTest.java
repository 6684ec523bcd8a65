package ninefold.lab;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import ninefold.TestProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attacks from one of the machines or from an application: plain text, missing, forged, expired or
 * stolen certificates, and statements that other users may run. Next to each attack is an allowed
 * request, which must succeed.
 */
@Tag("attack")
final class AttackTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final Path FORGED = file("forged");

  /** The folder of the forged certificates on a machine, readable by everybody. */
  private static final String FORGED_FOLDER = "/run/forged";

  private static final List<String> CERTIFICATES =
      List.of(
          "wrong",
          "expired",
          "named",
          "etcd-expired",
          "etcd-named",
          "pgbackrest-expired",
          "pgbackrest-named");

  @BeforeAll
  static void forgeCertificates() {
    forge();
    for (var node : List.of("postgres2", "haproxy1", "etcd2", "repository")) {
      var files =
          CERTIFICATES.stream()
              .map(name -> heredoc(name + ".crt") + heredoc(name + ".key"))
              .reduce("", String::concat);
      LAB.ssh(node, "mkdir -p " + FORGED_FOLDER + "; " + files + "chmod -R a+rX " + FORGED_FOLDER);
    }
  }

  @AfterAll
  static void removeForgedCertificates() {
    for (var node : List.of("postgres2", "haproxy1", "etcd2", "repository")) {
      LAB.ssh(node, "rm -rf " + FORGED_FOLDER + " " + FORGED_FOLDER + "-*");
    }
  }

  /**
   * Creates a certificate of a foreign CA, an expired one, and one whose name is unknown to all
   * services.
   */
  private static void forge() {
    var exported = PulumiRun.of("stack", "export", "--show-secrets").run().succeeded().output();
    try {
      Files.createDirectories(FORGED);
      for (var resource : SecretSearch.tree(exported).path("deployment").path("resources")) {
        var urn = resource.path("urn").asText();
        var outputs = resource.path("outputs");
        for (var authority : List.of("authority", "etcd-authority", "pgbackrest-authority")) {
          if (urn.endsWith("::" + authority + "/key")) {
            Files.writeString(
                FORGED.resolve(authority + ".key"), plain(outputs.path("privateKeyPem")));
          } else if (urn.endsWith("::" + authority + "/certificate")) {
            Files.writeString(FORGED.resolve(authority + ".crt"), plain(outputs.path("certPem")));
          }
        }
      }
      Files.writeString(
          FORGED.resolve("names"),
          "subjectAltName=DNS:postgres2,DNS:client.etcd,DNS:member.etcd\n");
      Files.writeString(FORGED.resolve("nothing"), "subjectAltName=DNS:nobody\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9"
            + " -subj /CN=another -keyout another.key -out another.crt");
    sign("wrong", "postgres2.postgresql", "another", "names", "-days 9");
    // The term is a day in the past: this version of openssl accepts only whole days.
    sign("expired", "postgres2.postgresql", "authority", "names", "-days -1");
    sign("named", "nobody", "authority", "nothing", "-days 9");
    sign("etcd-expired", "etcd2.etcd", "etcd-authority", "names", "-days -1");
    sign("etcd-named", "nobody", "etcd-authority", "nothing", "-days 9");
    sign("pgbackrest-expired", "postgres2.pgbackrest", "pgbackrest-authority", "names", "-days -1");
    sign("pgbackrest-named", "nobody", "pgbackrest-authority", "nothing", "-days 9");
  }

  private static void sign(
      String name, String commonName, String authority, String extensions, String days) {
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=%2$s -keyout %1$s.key -out %1$s.csr"
            .formatted(name, commonName));
    openssl(
        "x509 -req -in %1$s.csr -CA %2$s.crt -CAkey %2$s.key -CAcreateserial %4$s -extfile %3$s -out %1$s.crt"
            .formatted(name, authority, extensions, days));
  }

  private static void openssl(String arguments) {
    var ended = TestProcess.run("bash", "-c", "cd '" + FORGED + "' && openssl " + arguments);
    assertThat(ended.status()).as(ended.output()).isZero();
  }

  private static String plain(JsonNode value) {
    return value.has("plaintext")
        ? SecretSearch.tree(value.get("plaintext").asText()).asText()
        : value.asText();
  }

  private static String heredoc(String name) {
    return "cat >%s/%s <<'END'\n%sEND\n".formatted(FORGED_FOLDER, name, read(name));
  }

  private static String read(String name) {
    try {
      return Files.readString(FORGED.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String certificate(String name) {
    return name.equals("none")
        ? ""
        : " --cert %1$s/%2$s.crt --key %1$s/%2$s.key".formatted(FORGED_FOLDER, name);
  }

  /** A write to etcd must fail without a certificate and with each invalid one. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "wrong", "expired", "named", "etcd-expired"})
  void etcd_refusesClientsWithoutValidCertificate(String certificate) {
    var put = "{\"key\": \"YXR0YWNr\", \"value\": \"eA==\"}";
    assertThat(
            statusAsNobody(
                "postgres2",
                certificate(certificate)
                    + " --data '"
                    + put
                    + "' https://"
                    + OUTPUTS.address("etcd1")
                    + ":2379/v3/kv/put"))
        .isNotEqualTo("200");
    assertThat(etcd("get attack")).isEmpty();
    assertThat(
            statusAsRoot(
                "postgres2",
                " --cert /etc/ninefold/tls/etcd-client/node.crt"
                    + " --key /etc/ninefold/tls/etcd-client/node.key --data '{\"key\": \"YXR0YWNr\"}' https://"
                    + OUTPUTS.address("etcd1")
                    + ":2379/v3/kv/range"))
        .as("etcd accepts Patroni's certificate")
        .isEqualTo("200");
  }

  /** Certificates of the cluster's other CAs must not open etcd. */
  @ParameterizedTest
  @ValueSource(strings = {"patroni", "postgresql", "pgbouncer", "pgbackrest"})
  void etcd_refusesCertificatesOfOtherServices(String service) {
    assertThat(etcdAs("postgres2", service, "put attack x")).doesNotContain("OK");
    assertThat(etcd("get attack")).isEmpty();
    assertThat(etcd("get --prefix /ninefold --keys-only")).contains("/ninefold/");
  }

  /** Etcd's CA also signs clients' certificates, which must not open the peer port. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "wrong", "expired", "named", "etcd-expired", "etcd-named"})
  void etcd_refusesPeersWithoutMemberCertificate(String certificate) {
    var forged =
        certificate.equals("none")
            ? ""
            : "-cert %1$s/%2$s.crt -key %1$s/%2$s.key".formatted(FORGED_FOLDER, certificate);
    var own = "-cert /etc/ninefold/tls/etcd/node.crt -key /etc/ninefold/tls/etcd/node.key";

    assertThat(requestToPeerPort("nobody", forged)).doesNotContain("200");
    assertThat(requestToPeerPort("etcd", own)).isEqualTo("HTTP/1.0 200 OK");
  }

  /** The first line of the peer port's answer. etcd's machines have no curl. */
  private static String requestToPeerPort(String user, String certificate) {
    return LAB.ssh(
        "etcd2",
        "cd /; printf 'GET /members HTTP/1.0\\r\\n\\r\\n' | runuser -u %s -- timeout 10 openssl s_client"
                .formatted(user)
            + " -quiet -connect %s:2380 %s 2>/dev/null | head -n 1 || true"
                .formatted(OUTPUTS.address("etcd1"), certificate));
  }

  @Test
  void etcd_refusesPlainHttp() {
    for (var port : List.of(2379, 2380)) {
      assertThat(
              statusAsNobody(
                  "postgres2",
                  "--max-time 3 http://" + OUTPUTS.address("etcd1") + ":" + port + "/version"))
          .isNotEqualTo("200");
    }
  }

  /** Changes of the configuration, restarts and switchovers must be refused. */
  @ParameterizedTest
  @CsvSource({"none, 000", "wrong, 000", "expired, 000", "named, 403"})
  void patroni_refusesChangesWithoutValidCertificate(String certificate, String expected) {
    var url = "https://" + OUTPUTS.address("postgres1") + ":8008";
    for (var attempt :
        List.of(
            "--request PATCH --data '{\"ttl\": 31}' " + url + "/config",
            "--request POST --data '{}' " + url + "/restart",
            "--request POST --data '{\"leader\": \""
                + CLUSTER.leader()
                + "\"}' "
                + url
                + "/switchover",
            "--request DELETE " + url + "/restart")) {
      assertThat(statusAsNobody("haproxy1", certificate(certificate) + " " + attempt))
          .as(attempt)
          .isEqualTo(expected);
    }
    assertThat(
            statusAsNobody("haproxy1", "http://" + OUTPUTS.address("postgres1") + ":8008/config"))
        .isNotEqualTo("200");
  }

  /** A balancer's certificate permits reading the state of the cluster, but no change. */
  @Test
  void patroni_letsBalancersOnlyRead() {
    var url = "https://" + OUTPUTS.address("postgres1") + ":8008";
    var own =
        " --cert /etc/ninefold/tls/haproxy/node.pem --key /etc/ninefold/tls/haproxy/node.pem ";

    assertThat(statusAsRoot("haproxy1", own + url + "/cluster")).isEqualTo("200");
    assertThat(
            statusAsRoot(
                "haproxy1", own + "--request PATCH --data '{\"ttl\": 31}' " + url + "/config"))
        .isEqualTo("403");
    // Patroni's own certificate does not suffice either: changes need the password too.
    assertThat(
            statusAsRoot(
                "postgres2",
                " --cert /etc/ninefold/tls/patroni/node.crt --key /etc/ninefold/tls/patroni/node.key"
                    + " --request PATCH --data '{\"ttl\": 31}' "
                    + url
                    + "/config"))
        .isEqualTo("401");
  }

  @ParameterizedTest
  @CsvSource({
    "sslmode=disable, no pg_hba.conf entry",
    "sslmode=require, requires a valid client certificate",
    "sslmode=require wrong, unknown ca",
    "sslmode=require expired, certificate expired",
    "sslmode=require named, certificate authentication failed"
  })
  void postgresql_refusesClusterUsersWithoutTheirCertificate(String how, String expected) {
    var words = how.split(" ", -1);
    var certificate =
        words.length == 1
            ? ""
            : " sslcert=%1$s/%2$s.crt sslkey=%1$s/%2$s.key"
                .formatted(FORGED_FOLDER + "-nobody", words[1]);
    for (var user :
        List.of(
            "replicator replication=1", "rewind dbname=postgres", "pgbouncer dbname=postgres")) {
      assertThat(
              psql(
                  "postgres2",
                  "host="
                      + OUTPUTS.address("postgres1")
                      + " user="
                      + user
                      + " "
                      + words[0]
                      + certificate,
                  "SELECT 1"))
          .as(user + " by " + how)
          .containsIgnoringCase(user.startsWith("pgbouncer") ? "" : expected)
          .containsAnyOf("FATAL", "SSL error");
    }
  }

  /** An attacker in PgBouncer, which faces the clients, must not get at the data with its key. */
  @Test
  void pgBouncersCertificate_permitsOnlyVerifierLookups() {
    var own =
        " sslmode=verify-full sslrootcert=/etc/ninefold/tls/pgbouncer/ca.crt"
            + " sslcert=/etc/ninefold/tls/pgbouncer/node.crt sslkey=/etc/ninefold/tls/pgbouncer/node.key";
    var here = "host=" + OUTPUTS.address("postgres2") + own + " dbname=postgres user=";
    var other = "host=" + OUTPUTS.address("postgres1") + own + " dbname=postgres user=";

    assertThat(
            psqlAs("pgbouncer", here + "pgbouncer", "SELECT name FROM pgbouncer.verifier('app')"))
        .isEqualTo("app");
    assertThat(
            psqlAs(
                "pgbouncer", here + "pgbouncer", "SELECT name FROM pgbouncer.verifier('postgres')"))
        .isEmpty();
    assertThat(psqlAs("pgbouncer", here + "pgbouncer", "SELECT * FROM pg_authid"))
        .contains("permission denied");
    for (var attempt :
        List.of(here + "rewind", here + "replicator", here + "postgres", other + "pgbouncer")) {
      assertThat(psqlAs("pgbouncer", attempt, "SELECT 1")).as(attempt).contains("FATAL");
    }
  }

  /** The users for backups and monitoring may do their work, but nothing else. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "backup  | SELECT pg_create_restore_point('x') | SELECT * FROM pg_authid",
        "backup  | SELECT setting FROM pg_settings WHERE name = 'data_directory' | SELECT pg_read_file('PG_VERSION')",
        "backup  | SELECT 1 | CREATE TABLE public.x ()",
        "backup  | SELECT 1 | COPY (SELECT 1) TO PROGRAM 'id'",
        "monitor | SELECT count(*) FROM pg_stat_activity | SELECT pg_switch_wal()",
        "monitor | SELECT 1 | SELECT pg_read_file('PG_VERSION')",
        "monitor | SELECT 1 | ALTER SYSTEM SET work_mem = '1GB'",
        "monitor | SELECT 1 | SELECT * FROM pg_authid"
      })
  void clusterUsers_haveOnlyTheirOwnRights(String user, String allowed, String forbidden) {
    var leader = CLUSTER.leader();
    var connection = "host=/run/postgresql dbname=postgres user=" + user;

    assertThat(psqlOnNode(leader, connection, allowed)).doesNotContain("ERROR", "FATAL");
    assertThat(psqlOnNode(leader, connection, forbidden)).contains("permission denied");
    assertThat(psqlOnNode(leader, "host=/run/postgresql dbname=app user=" + user, "SELECT 1"))
        .contains("FATAL");
  }

  @Test
  void rewindUser_canOnlyReadFiles() {
    var own =
        "sslmode=verify-full sslrootcert=/etc/ninefold/tls/postgresql/ca.crt"
            + " sslcert=/etc/ninefold/tls/postgresql/node.crt sslkey=/etc/ninefold/tls/postgresql/node.key"
            + " host="
            + OUTPUTS.address(CLUSTER.leader())
            + " ";

    assertThat(
            psqlAs(
                "postgres",
                own + "dbname=postgres user=rewind",
                "SELECT length(pg_read_binary_file('PG_VERSION'))"))
        .isEqualTo("3");
    for (var forbidden :
        List.of("SELECT * FROM pg_authid", "SELECT pg_switch_wal()", "CREATE ROLE x")) {
      assertThat(psqlAs("postgres", own + "dbname=postgres user=rewind", forbidden))
          .contains("permission denied");
    }
    assertThat(psqlAs("postgres", own + "dbname=app user=rewind", "SELECT 1")).contains("FATAL");
    assertThat(psqlAs("postgres", own + "dbname=postgres user=replicator", "SELECT 1"))
        .contains("FATAL");
    assertThat(psqlAs("postgres", own + "dbname=postgres user=postgres", "SELECT 1"))
        .contains("FATAL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE ROLE x",
        "CREATE DATABASE x",
        "ALTER ROLE app SUPERUSER",
        "SET ROLE postgres",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('PG_VERSION')",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "SELECT pg_reload_conf()",
        "SELECT pg_switch_wal()",
        "SELECT lo_import('/etc/passwd')",
        "CREATE EXTENSION file_fdw",
        "CREATE FUNCTION x() RETURNS int LANGUAGE c AS 'x'",
        "ALTER DATABASE postgres SET work_mem = '1GB'"
      })
  void application_hasRightsOnlyInItsDatabase(String forbidden) throws SQLException {
    try (var connection =
            DriverManager.getConnection(
                OUTPUTS.jdbcUrl(OUTPUTS.readWrite()), OUTPUTS.jdbcProperties());
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS owned (id int)");
      assertThatThrownBy(() -> statement.execute(forbidden))
          .isInstanceOf(SQLException.class)
          .hasMessageFindingMatch("permission denied|must be|only roles");
    }
  }

  /** PgBouncer has open sessions, so PostgreSQL does not check the password: PgBouncer must. */
  @Test
  void expiredPassword_isRefusedByThePool() throws SQLException {
    var url = OUTPUTS.jdbcUrl(OUTPUTS.readWrite());
    connectAndQuery(url, OUTPUTS.jdbcProperties());
    CLUSTER.sql(CLUSTER.leader(), "postgres", "ALTER ROLE app VALID UNTIL '2001-01-01'");
    try {
      assertThatThrownBy(() -> connectAndQuery(url, OUTPUTS.jdbcProperties()))
          .isInstanceOf(SQLException.class)
          .hasMessageFindingMatch(REFUSAL);
    } finally {
      CLUSTER.sql(CLUSTER.leader(), "postgres", "ALTER ROLE app VALID UNTIL 'infinity'");
    }
    connectAndQuery(url, OUTPUTS.jdbcProperties());
  }

  /** A refusal by PgBouncer or by the driver, as opposed to the message of a fault. */
  private static final String REFUSAL =
      "authentication failed|bouncer config error|not allowed|no pg_hba.conf entry|SSL required";

  @ParameterizedTest
  @CsvSource({
    "user, postgres",
    "user, pgbouncer",
    "user, replicator",
    "user, backup",
    "user, nobody",
    "password, guessed",
    "password, md5",
    "sslmode, disable",
    "database, postgres",
    "database, template1",
    "database, pgbouncer",
    "database, metastore"
  })
  void pool_admitsApplicationsOnlyToTheirDatabases(String what, String value) {
    var properties = OUTPUTS.jdbcProperties();
    var url = OUTPUTS.jdbcUrl(OUTPUTS.readWrite());
    if (what.equals("database")) {
      url = "jdbc:postgresql://" + OUTPUTS.readWrite() + "/" + value;
    } else {
      properties.setProperty(what, value);
    }
    var attempt = url;

    assertThatThrownBy(() -> connectAndQuery(attempt, properties))
        .isInstanceOf(SQLException.class)
        .hasMessageFindingMatch(REFUSAL);
  }

  /** These users have no password, so PgBouncer must accept no text as one. */
  @ParameterizedTest
  @ValueSource(strings = {"pgbouncer", "backup", "monitor", "rewind", "replicator"})
  void pool_refusesClusterUsers(String user) {
    var url = "jdbc:postgresql://" + OUTPUTS.readWrite() + "/postgres";
    for (var password : List.of("md5", "", user, "null")) {
      var properties = OUTPUTS.jdbcProperties();
      properties.setProperty("user", user);
      properties.setProperty("password", password);
      assertThatThrownBy(() -> connectAndQuery(url, properties))
          .as(password)
          .isInstanceOf(SQLException.class)
          .hasMessageFindingMatch(REFUSAL);
    }
  }

  /** Root on a balancer can read the password of the probe. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE x ()",
        "CREATE TEMPORARY TABLE x ()",
        "CREATE SCHEMA x",
        "CREATE ROLE x",
        "CREATE DATABASE x",
        "SET ROLE app",
        "SELECT lo_create(0)",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT pg_switch_wal()"
      })
  void probeUser_canChangeNothing(String forbidden) throws SQLException {
    try (var connection =
            DriverManager.getConnection(
                "jdbc:postgresql://" + OUTPUTS.readWrite() + "/ninefold", probe());
        var statement = connection.createStatement()) {
      statement.execute("SELECT pg_logical_emit_message(true, 'ninefold', 'attack')");
      assertThatThrownBy(() -> statement.execute(forbidden))
          .isInstanceOf(SQLException.class)
          .hasMessageFindingMatch("permission denied|must be|only roles");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"app", "metastore", "postgres", "template1"})
  void probeUser_isRefusedByOtherDatabases(String database) {
    assertThatThrownBy(
            () ->
                connectAndQuery(
                    "jdbc:postgresql://" + OUTPUTS.readWrite() + "/" + database, probe()))
        .isInstanceOf(SQLException.class)
        .hasMessageFindingMatch(REFUSAL);
  }

  private static Properties probe() {
    var properties = OUTPUTS.jdbcProperties();
    var line = LAB.ssh("haproxy1", "cat /etc/ninefold/probe.pgpass");
    properties.setProperty("user", "probe");
    properties.setProperty("password", line.substring(line.lastIndexOf(':') + 1));
    return properties;
  }

  private static void connectAndQuery(String url, Properties properties) throws SQLException {
    try (var connection = DriverManager.getConnection(url, properties);
        var statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  /**
   * Presents the forged certificates in both directions: to the repository, and to the database
   * nodes.
   */
  @ParameterizedTest
  @CsvSource({
    "wrong, unknown ca",
    "named, unknown ca",
    "pgbackrest-expired, certificate expired",
    "pgbackrest-named, access denied"
  })
  void pgBackRest_refusesInvalidCertificates(String certificate, String expected) {
    copyForgedCertificatesFor("postgres2", "postgres");
    copyForgedCertificatesFor("repository", "pgbackrest");

    assertThat(pgBackRest("postgres2", "postgres", forged("repo1", certificate), "repo-ls"))
        .contains(expected)
        .doesNotContain("archive");
    assertThat(pgBackRest("postgres2", "postgres", "", "repo-ls")).contains("archive");
    var all = Stream.of("pg1", "pg2", "pg3").map(pg -> forged(pg, certificate)).collect(joining());
    var refused = pgBackRest("repository", "pgbackrest", all, "check");
    for (var pg : List.of("pg1", "pg2", "pg3")) {
      assertThat(refused).containsPattern("unable to check " + pg + ": .*" + expected);
    }
    assertThat(pgBackRest("repository", "pgbackrest", "", "check")).endsWith("well");
  }

  private static String forged(String host, String certificate) {
    return " --%1$s-host-cert-file=%2$s/%3$s.crt --%1$s-host-key-file=%2$s/%3$s.key"
        .formatted(
            host,
            FORGED_FOLDER + (host.equals("repo1") ? "-postgres" : "-pgbackrest"),
            certificate);
  }

  private static String pgBackRest(String node, String user, String options, String command) {
    return LAB.ssh(
        node,
        Duration.ofMinutes(2),
        "cd /; ! runuser -u %s -- timeout 110 pgbackrest --stanza=containers%s %s 2>&1 || echo well"
            .formatted(user, options, command));
  }

  /**
   * pgBackRest's server runs on each database node and on the repository. It tells every TLS client
   * its name and version. Then it must close the connection of a client that sends a request
   * without a certificate.
   */
  @ParameterizedTest
  @ValueSource(strings = {"postgres1", "postgres2", "postgres3", "repository"})
  void pgBackRestServer_hangsUpWithoutCertificate(String node) {
    var from = node.equals("repository") ? "postgres2" : "repository";
    var plain =
        "exec 3<>/dev/tcp/%s/8432; echo '{}' >&3; timeout 3 head -c 100 <&3 | od -c || true";
    // The first command that the protocol allows.
    var tls =
        "(echo '{\"cmd\":\"noop\"}'; sleep 2) |"
            + " timeout 10 openssl s_client -quiet -connect %s:8432 %s 2>&1 | cat -v || true";
    var keys = "-cert %1$s/node.crt -key %1$s/node.key".formatted("/etc/ninefold/tls/pgbackrest");
    var address = OUTPUTS.address(node);

    assertThat(LAB.ssh(from, plain.formatted(address))).doesNotContain("{");
    assertThat(LAB.ssh(from, tls.formatted(address, "")))
        .contains("pgBackRest")
        .doesNotContain("expected request");
    // A client with a valid certificate gets an answer: the request is invalid.
    assertThat(LAB.ssh(from, tls.formatted(address, keys))).contains("expected request");
  }

  /** The page, its metrics and HAProxy's sockets must be closed without the password. */
  @Test
  void statisticsPage_needsThePassword() {
    var page = "//" + OUTPUTS.address("haproxy1") + ":7000/";
    for (var path : List.of("", "metrics")) {
      assertThat(statusAsNobody("postgres2", "https:" + page + path)).as(path).isEqualTo("401");
      assertThat(statusAsNobody("postgres2", "--user operator:guessed https:" + page + path))
          .as(path)
          .isEqualTo("401");
    }
    assertThat(statusAsNobody("postgres2", "http:" + page)).isNotIn("200", "401");
    // Its certificate contains its name, but no address that clients connect to.
    var verified =
        "curl --silent --output /dev/null --max-time 10 --write-out '%{http_code}'"
            + " --cacert /etc/ninefold/tls/postgresql/ca.crt ";
    assertThat(LAB.ssh("postgres2", verified + "https:" + page + " || true")).isEqualTo("000");
    assertThat(
            LAB.ssh(
                "postgres2",
                verified
                    + "--connect-to statistics.haproxy1:7000:"
                    + OUTPUTS.address("haproxy1")
                    + ":7000 https://statistics.haproxy1:7000/ || true"))
        .isEqualTo("401");
    for (var socket : List.of("/run/haproxy/admin.sock", "/run/haproxy-master.sock")) {
      assertThat(
              LAB.ssh(
                  "haproxy1",
                  "cd /; [[ -S %1$s ]] && ! runuser -u nobody -- test -w %1$s && echo closed"
                      .formatted(socket)))
          .isEqualTo("closed");
    }
  }

  /**
   * A client that was redirected to a different machine, or to one with a foreign certificate, must
   * refuse it.
   */
  @ParameterizedTest
  @CsvSource({
    "host=%1$s hostaddr=%1$s, ca, SASL authentication failed",
    "host=elsewhere hostaddr=%1$s, ca, does not match host name",
    "host=%1$s hostaddr=%1$s, another, certificate verify failed"
  })
  void client_detectsAFalseServer(String host, String root, String expected) {
    LAB.ssh(
        "postgres2",
        "mkdir -p %1$s; cat >%1$s/another.crt <<'END'\n%2$sEND\nchmod a+r %1$s/another.crt"
            .formatted(FORGED_FOLDER, read("another.crt")));
    var file =
        root.equals("ca") ? "/etc/ninefold/tls/postgresql/ca.crt" : FORGED_FOLDER + "/another.crt";

    assertThat(
            psqlAs(
                "postgres",
                host.formatted(OUTPUTS.virtualAddress())
                    + " port=5000 dbname=app user=app sslmode=verify-full sslrootcert="
                    + file,
                "SELECT 1"))
        .contains(expected);
  }

  @Test
  void replicas_verifyTheLeadersCertificate() {
    for (var replica : CLUSTER.replicas()) {
      assertThat(CLUSTER.sql(replica, "postgres", "SHOW primary_conninfo"))
          .contains("sslmode=verify-full", "/etc/ninefold/tls/postgresql/ca.crt");
    }
  }

  /**
   * A machine that is not a balancer claims the virtual address, in vain. The other balancer claims
   * it and gets it.
   */
  @Test
  void virtualAddress_movesOnlyToBalancers() {
    CLUSTER.awaitHealthy();
    var holder = CLUSTER.holder();
    var other =
        CLUSTER.balancers().stream().filter(node -> !node.equals(holder)).findFirst().orElseThrow();
    var transitions =
        "journalctl --sync; journalctl -u keepalived -o cat | grep -c 'Entering BACKUP STATE' || true";
    var before = LAB.ssh(holder, transitions);

    claim("repository", holder);
    assertThat(LAB.ssh(holder, transitions)).isEqualTo(before);
    assertThat(CLUSTER.holder()).isEqualTo(holder);

    claim(other, holder);
    assertThat(LAB.ssh(holder, transitions)).isNotEqualTo(before);
    CLUSTER.awaitHealthy();
  }

  /** Claims the virtual address for 3 s, with VRRP version 2 and the highest priority. */
  private static void claim(String from, String to) {
    var settings =
        LAB.ssh(
                to,
                "awk '/virtual_router_id|advert_int/ { print $2 }' /etc/keepalived/keepalived.conf")
            .lines()
            .toList();
    LAB.ssh(
        from,
        """
        python3 - <<'PYTHON'
        import socket, struct, time
        def claim(checksum):
            return struct.pack("!BBBBBBH4s8x", 0x21, %1$s, 255, 1, 0, %2$s, checksum, socket.inet_aton("%3$s"))
        words = sum(struct.unpack("!10H", claim(0)))
        words = (words & 0xffff) + (words >> 16)
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, 112) as raw:
            raw.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
            for _ in range(15):
                raw.sendto(claim(~words & 0xffff), ("%4$s", 0))
                time.sleep(0.2)
        PYTHON
        """
            .formatted(
                settings.get(0), settings.get(1), OUTPUTS.virtualAddress(), OUTPUTS.address(to)));
  }

  /** Logins without a key, or with ciphers that are no longer considered safe, must fail. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -o PubkeyAuthentication=no           | Permission denied (publickey)
          -o Ciphers=aes128-cbc                | no matching cipher found
          -o Ciphers=aes256-ctr                | no matching cipher found
          -o KexAlgorithms=diffie-hellman-group14-sha256 | no matching key exchange method found
          -o KexAlgorithms=ecdh-sha2-nistp256  | no matching key exchange method found
          """)
  void ssh_acceptsOnlyKeysAndStrongAlgorithms(String how, String answer) {
    assertThat(ssh(how, "someone")).contains(answer);
    assertThat(LAB.ssh("etcd1", "sshd -T"))
        .contains("passwordauthentication no", "permitrootlogin no", "allowagentforwarding no")
        .contains("macs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com\n");
  }

  /** The same key must still log in a different user. */
  @Test
  void ssh_refusesRoot_evenWithAValidKey() {
    LAB.ssh("postgres2", "rm -f /run/a-key*; ssh-keygen -q -t ed25519 -N '' -f /run/a-key");
    var key = LAB.ssh("postgres2", "cat /run/a-key.pub").strip();
    LAB.ssh(
        "etcd1",
        "useradd --create-home visitor; for home in /root /home/visitor; do mkdir -p $home/.ssh;"
            + " cp -a $home/.ssh $home/.ssh-before; echo '%s' >>$home/.ssh/authorized_keys; done;"
                .formatted(key)
            + " chown -R visitor: /home/visitor");
    try {
      assertThat(ssh("-i /run/a-key", "visitor")).contains("came in");
      assertThat(ssh("-i /run/a-key", "root"))
          .contains("Permission denied (publickey)")
          .doesNotContain("came in");
    } finally {
      LAB.ssh(
          "etcd1", "rm -rf /root/.ssh; mv /root/.ssh-before /root/.ssh; userdel --remove visitor");
      LAB.ssh("postgres2", "rm -f /run/a-key*");
    }
  }

  private static String ssh(String options, String user) {
    var attempt =
        "ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
            + " -o ConnectTimeout=10 %s %s@%s echo came in 2>&1 || true";
    return LAB.ssh("postgres2", attempt.formatted(options, user, OUTPUTS.address("etcd1")));
  }

  /** Ciphers in CBC mode have been broken more than once; none of these services may accept one. */
  @ParameterizedTest
  @CsvSource({
    "-starttls postgres, postgres1, 5432",
    "-starttls postgres, postgres1, 6432",
    "'', postgres1, 8008",
    "'', haproxy1, 7000"
  })
  void tls_acceptsOnlyAuthenticatedCiphers(String protocol, String node, int port) {
    assertThat(handshake(protocol, node, port, "ECDHE-ECDSA-AES128-GCM-SHA256"))
        .contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256");
    assertThat(handshake(protocol, node, port, "ECDHE-ECDSA-AES128-SHA"))
        .contains("Cipher is (NONE)");
  }

  private static String handshake(String protocol, String node, int port, String cipher) {
    return LAB.ssh(
        "postgres2",
        "timeout 10 openssl s_client %s -connect %s:%d -tls1_2 -cipher %s </dev/null 2>&1 || true"
            .formatted(protocol, OUTPUTS.address(node), port, cipher));
  }

  @Test
  void services_runAsTheirOwnUsers() {
    assertThat(processUser("postgres1", "pgbouncer")).isEqualTo("pgbouncer");
    assertThat(processUser("postgres1", "postgres")).isEqualTo("postgres");
    assertThat(processUser("etcd1", "etcd")).isEqualTo("etcd");
    assertThat(processUser("repository", "pgbackrest")).isEqualTo("pgbackrest");
    // pgBackRest's server reads PostgreSQL's data, but must not run as postgres.
    assertThat(processUser("postgres1", "pgbackrest")).isEqualTo("pgbackrest");
    assertThat(LAB.ssh("postgres1", "systemctl show --property=User --value pgbouncer-watch"))
        .isEqualTo("pgbouncer");
    assertThat(LAB.ssh("haproxy1", "ps -o user:32= -C haproxy | sort -u"))
        .as("the master process and the workers")
        .isEqualTo("haproxy\nroot");
  }

  /** Checks systemd's exposure levels against the figures in docs/security.md. */
  @ParameterizedTest
  @CsvSource({
    "postgres1, patroni, 2.4",
    "postgres1, pgbouncer, 1.7",
    "postgres1, pgbouncer-watch, 1.7",
    "postgres1, pgbouncer-hand-over@any, 1.7",
    "postgres1, pgbackrest, 1.8",
    "repository, pgbackrest, 1.5",
    "etcd1, etcd, 1.7",
    "haproxy1, haproxy, 3.1",
    "haproxy1, keepalived, 3.4"
  })
  void services_meetTheirDocumentedExposure(String node, String unit, double most) {
    var output =
        LAB.ssh(node, "systemd-analyze security --no-pager " + unit + ".service | tail -n 1");
    var exposure = Pattern.compile("Overall exposure level for \\S+: ([0-9.]+)").matcher(output);
    assertThat(exposure.find()).as(output).isTrue();
    assertThat(Double.parseDouble(exposure.group(1))).as(output).isLessThanOrEqualTo(most);
  }

  /** PostgreSQL must log connections and DDL, and PgBouncer logins. */
  @Test
  void connectionsAndDdl_areLogged() throws SQLException {
    var leader = CLUSTER.leader();
    var table = "logged_" + System.nanoTime();
    try (var connection =
            DriverManager.getConnection(
                OUTPUTS.jdbcUrl(OUTPUTS.readWrite()), OUTPUTS.jdbcProperties());
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE " + table + " ()");
      statement.execute("DROP TABLE " + table);
    }
    LAB.ssh(leader, "journalctl --sync");
    assertThat(LAB.ssh(leader, "journalctl --no-pager --since=-10min -o cat -u patroni"))
        .contains("CREATE TABLE " + table, "DROP TABLE " + table)
        .contains("connection authorized: user=app database=app");
    assertThat(LAB.ssh(leader, "journalctl --no-pager --since=-10min -o cat -u pgbouncer"))
        .contains("login attempt: db=app user=app");
  }

  /** HAProxy's worker, which serves clients, runs in a chroot and must not read the key files. */
  @Test
  void haproxyWorker_cannotReadKeys() {
    for (var service : List.of("haproxy", "statistics")) {
      assertThat(
              LAB.ssh(
                  "haproxy1",
                  "runuser -u haproxy -- cat /etc/ninefold/tls/%s/node.pem 2>&1 || true"
                      .formatted(service)))
          .as(service)
          .contains("Permission denied");
    }
    assertThat(
            LAB.ssh(
                "haproxy1",
                "for process in $(pgrep -u haproxy -x haproxy); do readlink /proc/$process/root; done"
                    + " | sort -u"))
        .isEqualTo("/var/lib/haproxy");
  }

  private static String processUser(String node, String process) {
    return LAB.ssh(node, "ps -o user:32= -C " + process + " | sort -u").strip();
  }

  /** The HTTP status that curl gets as an unprivileged user; 000 if there is no HTTP answer. */
  private static String statusAsNobody(String node, String arguments) {
    return LAB.ssh(node, "cd /; runuser -u nobody -- " + curl(arguments));
  }

  private static String statusAsRoot(String node, String arguments) {
    return LAB.ssh(node, curl(arguments));
  }

  private static String curl(String arguments) {
    return "curl --silent --output /dev/null --max-time 10 --write-out '%{http_code}' --insecure "
        + arguments
        + " || true";
  }

  private static String psql(String node, String connection, String sql) {
    copyForgedCertificatesFor(node, "nobody");
    return runPsql(node, "nobody", connection, sql);
  }

  /** Copies the forged certificates for a user, since clients refuse keys that others can read. */
  private static void copyForgedCertificatesFor(String node, String user) {
    LAB.ssh(
        node,
        "cp -rT %1$s %1$s-%2$s; chown -R %2$s %1$s-%2$s; chmod 600 %1$s-%2$s/*.key"
            .formatted(FORGED_FOLDER, user));
  }

  private static String psqlAs(String user, String connection, String sql) {
    return runPsql("postgres2", user, connection, sql);
  }

  private static String psqlOnNode(String node, String connection, String sql) {
    return runPsql(node, "postgres", connection, sql);
  }

  private static String runPsql(String node, String user, String connection, String sql) {
    return LAB.ssh(
        node,
        "cd /; runuser -u "
            + user
            + " -- env HOME=/nonexistent timeout 20 psql -XAtq -d \""
            + connection
            + "\" 2>&1 <<'SQL' || true\n"
            + sql
            + "\nSQL\n");
  }

  private static String etcd(String command) {
    return etcdAs("postgres2", "etcd-client", command);
  }

  private static String etcdAs(String node, String identity, String command) {
    return LAB.ssh(
        node,
        "set -a; . /etc/ninefold/patroni-etcd.env; for v in CACERT:ca.crt CERT:node.crt KEY:node.key; do"
            + " declare -x ETCDCTL_${v%%:*}=/etc/ninefold/tls/"
            + identity
            + "/${v#*:}; done; ETCDCTL_CACERT=/etc/ninefold/tls/etcd-client/ca.crt; etcdctl --command-timeout=8s "
            + command
            + " 2>&1 || true");
  }
}
