package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** Tests the outputs of the containers' stack. */
class OutputsTest {
  private static final Graph GRAPH = Graph.of(Descriptions.stack("containers"));

  @Test
  void endpointsUseTheVirtualAddress() {
    assertThat(GRAPH.output("readWriteEndpoint")).isEqualTo("192.168.100.56:5000");
    assertThat(GRAPH.output("readOnlyEndpoint")).isEqualTo("192.168.100.56:5001");
    assertThat(GRAPH.output("statisticsUrl")).isEqualTo("https://192.168.100.56:7000/");
  }

  @Test
  void databasesHaveUrlsForEachKindOfClient() {
    var verified = "?sslmode=verify-full&sslrootcert=authority.crt";
    var soon = "&connect_timeout=5";
    var pools = "192.168.100.1:6432,192.168.100.2:6432,192.168.100.3:6432/app" + verified;
    var balancers = "192.168.100.5:5000,192.168.100.6:5000/app" + verified;
    assertThat(GRAPH.output("databases"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(2)
        .startsWith(
            Map.of(
                "name", "app",
                "user", "app",
                "jdbcUrl", "jdbc:postgresql://192.168.100.56:5000/app" + verified,
                "readOnlyJdbcUrl", "jdbc:postgresql://192.168.100.56:5001/app" + verified,
                "balancersJdbcUrl", "jdbc:postgresql://" + balancers,
                "multiHostJdbcUrl", "jdbc:postgresql://" + pools + "&targetServerType=primary",
                "uri", "postgresql://app@192.168.100.56:5000/app" + verified + soon,
                "readOnlyUri", "postgresql://app@192.168.100.56:5001/app" + verified + soon,
                "balancersUri", "postgresql://app@" + balancers + soon,
                "multiHostUri",
                    "postgresql://app@" + pools + soon + "&target_session_attrs=read-write"));
    assertThat(GRAPH.output("passwords"))
        .isEqualTo(
            Map.of(
                "app", FakeProviders.secret("app/password"),
                "hive", FakeProviders.secret("hive/password")));
  }

  @Test
  void serviceFileContainsEachDatabase() {
    assertThat(GRAPH.output("pgServiceConf"))
        .asString()
        .startsWith(
            """
            [app]
            host=192.168.100.56
            port=5000
            dbname=app
            user=app
            sslmode=verify-full
            sslrootcert=authority.crt
            connect_timeout=5
            keepalives_idle=10
            keepalives_interval=3
            keepalives_count=3

            [app-read-only]
            host=192.168.100.56
            port=5001
            """)
        .contains("[metastore]\n", "[metastore-read-only]\n");
  }

  @Test
  void metastoreFilesAreOutputs() {
    assertThat(GRAPH.output("hiveSiteXml"))
        .asString()
        .contains("<value>" + FakeProviders.secret("hive/password") + "</value>");
    assertThat(GRAPH.output("metastore"))
        .isEqualTo(
            Map.of(
                "database", "metastore",
                "user", "hive",
                "password", "site",
                "folder", "/etc/hive/conf"));
    assertThat(GRAPH.output("jdbcDriver"))
        .isEqualTo(
            Map.of(
                "coordinates", "org.postgresql:postgresql:42.7.14",
                "file", "postgresql-42.7.14.jar",
                "class", "org.postgresql.Driver"));
  }

  @Test
  void inventoryListsEachNode() {
    assertThat(GRAPH.output("inventory"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(9)
        .contains(
            Map.of("name", "etcd2", "address", "192.168.100.7", "roles", List.of("etcd")),
            Map.of("name", "haproxy1", "address", "192.168.100.5", "roles", List.of("balancer")));
    assertThat(GRAPH.output("etcdEndpoints"))
        .isEqualTo(
            List.of(
                "https://192.168.100.4:2379",
                "https://192.168.100.7:2379",
                "https://192.168.100.8:2379"));
    assertThat(GRAPH.output("patroniEndpoints"))
        .isEqualTo(
            List.of(
                "https://192.168.100.1:8008",
                "https://192.168.100.2:8008",
                "https://192.168.100.3:8008"));
  }

  @Test
  void secretOutputsAreSecret() {
    assertThat(GRAPH.secretOutputs())
        .containsExactlyInAnyOrder(
            "authorityKeys",
            "backupPassphrase",
            "passwords",
            "statisticsPassword",
            "kubernetesSecrets",
            "hiveSiteXml",
            "metastoreSiteXml");
  }
}
