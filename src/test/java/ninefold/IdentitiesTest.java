package ninefold;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import ninefold.Graph.Declared;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests the usages and names of each certificate. */
class IdentitiesTest {
  private static final Graph GRAPH = Graph.of(Descriptions.stack("containers"));

  static List<String> stacks() {
    return Descriptions.stacks();
  }

  @ParameterizedTest
  @CsvSource({
    "postgres1/etcd-client, client",
    "postgres1/pgbouncer, client",
    "haproxy1/haproxy, client",
    "postgres1/pool, server",
    "haproxy1/statistics, server",
    "etcd1/etcd, peer",
    "postgres1/patroni, peer",
    "postgres1/postgresql, peer",
    "postgres1/pgbackrest, peer",
    "repository/pgbackrest, peer"
  })
  void certificatesHaveOnlyTheUsagesTheyNeed(String identity, String usage) {
    var uses =
        Map.of(
            "client", List.of("digital_signature", "client_auth"),
            "server", List.of("digital_signature", "server_auth"),
            "peer", List.of("digital_signature", "server_auth", "client_auth"));

    assertThat(named(identity + "/" + usage + "/certificate").inputs())
        .containsEntry("allowedUses", uses.get(usage));
  }

  @Test
  void clientCertificates_containNoNames() {
    var clients = requests(GRAPH).filter(it -> it.name().endsWith("/client/request")).toList();

    assertThat(clients).hasSize(8);
    assertThat(clients)
        .allSatisfy(
            it -> {
              assertThat(list(it, "dnsNames")).isEmpty();
              assertThat(list(it, "ipAddresses")).isEmpty();
            });
  }

  /** HAProxy has its keys in memory. They must not help anyone to impersonate the cluster. */
  @ParameterizedTest
  @MethodSource("stacks")
  void balancerCertificates_containNoAddressOfClients(String stack) {
    var cluster = DescriptionReader.read(Descriptions.stack(stack));
    var balancers =
        requests(Graph.of(Descriptions.stack(stack)))
            .filter(it -> List.of("haproxy", "statistics").contains(service(it)))
            .toList();

    assertThat(balancers).hasSize(2 * cluster.nodes(Role.BALANCER).size());
    assertThat(balancers)
        .allSatisfy(
            it -> {
              assertThat(list(it, "ipAddresses")).isEmpty();
              assertThat(list(it, "dnsNames"))
                  .doesNotContainAnyElementsOf(nodes(cluster))
                  .noneMatch(cluster.network().names()::contains);
            });
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void serviceNamesAreUnique(String stack) {
    var called =
        requests(Graph.of(Descriptions.stack(stack)))
            .filter(it -> !it.name().endsWith("/client/request"))
            .collect(toMap(Declared::name, it -> list(it, "dnsNames"), (a, b) -> a, TreeMap::new));

    called.forEach(
        (request, names) -> {
          var parts = request.split("/", -1);
          assertThat(called.values().stream().filter(it -> it.contains(parts[1] + "." + parts[0])))
              .as(request)
              .containsExactly(names);
        });
  }

  /** If a pool's certificate contained a node's name, the pool could impersonate Patroni. */
  @Test
  void balancersVerifyPatronisName() {
    var configuration = file(GRAPH, "haproxy1/haproxy", "/etc/haproxy/haproxy.cfg");

    for (var node : List.of("postgres1", "postgres2", "postgres3")) {
      assertThat(configuration).contains("verifyhost patroni." + node + "\n");
      assertThat(requests(GRAPH).filter(it -> list(it, "dnsNames").contains("patroni." + node)))
          .extracting(Declared::name)
          .containsExactly(node + "/patroni/peer/request");
      // A balancer that has not been updated yet verifies the node's name.
      assertThat(list(named(node + "/patroni/peer/request"), "dnsNames")).contains(node);
    }
  }

  /** The URLs with several hosts contain the nodes' addresses. */
  @Test
  void poolCertificate_containsExactlyTheAddressesOfOutputs() {
    var pool = named("postgres2/pool/server/request");

    assertThat(list(pool, "ipAddresses"))
        .containsExactly("192.168.100.2", "192.168.100.56", "192.168.100.5", "192.168.100.6");
    assertThat(list(pool, "dnsNames")).containsExactly("pool.postgres2");
  }

  @Test
  void pgBackRestCertificate_containsNodeAddressAndServiceName() {
    for (var node : List.of("postgres2 192.168.100.2", "repository 192.168.100.9")) {
      var parts = node.split(" ", -1);
      var request = named(parts[0] + "/pgbackrest/peer/request");

      assertThat(list(request, "ipAddresses")).containsExactly(parts[1]);
      assertThat(list(request, "dnsNames")).containsExactly("pgbackrest." + parts[0]);
    }
  }

  /** The certificate of a removed node is still valid, and its key may be stolen. */
  @Test
  void identitiesOfOlderVersions_haveDifferentKeys() {
    assertThat(GRAPH.resources())
        .filteredOn(it -> it.type().equals("tls:index/privateKey:PrivateKey"))
        .extracting(Declared::name)
        .doesNotContain("haproxy1/haproxy/key", "postgres1/pgbouncer/key", "etcd1/etcd/key")
        .contains("haproxy1/haproxy/client/key", "postgres1/pgbouncer/client/key");
  }

  @Test
  void services_cannotChangeTheirTrustedCas() {
    var files =
        GRAPH.steps().stream()
            .filter(step -> List.of("secrets", "patroni").contains(step.thing()))
            .flatMap(step -> ReceivedBundle.of(step.text("stdin")).files().stream())
            .filter(file -> file.path().endsWith(".crt"))
            .toList();

    assertThat(files).hasSizeGreaterThan(30);
    assertThat(files).allSatisfy(file -> assertThat(file.owner()).isEqualTo("root:root"));
  }

  /** Maps, lists and rules grant access by name, so an undescribed node must be in none of them. */
  @ParameterizedTest
  @CsvSource({"postgres3, 192.168.100.3", "haproxy2, 192.168.100.6"})
  void removedNode_isInNoCertificateOrFile(String node, String address) throws IOException {
    var text =
        Files.readString(Descriptions.stack("containers"))
            .replaceFirst("(?m)^  - \\{name: " + node + ",.*\\n", "");
    var file = Descriptions.write(text);
    var graph = Graph.of(file);

    assertThat(graph.errors()).isEmpty();
    assertThat(graph.steps())
        .hasSizeLessThan(GRAPH.steps().size())
        .allSatisfy(
            step ->
                assertThat(step.text("stdin"))
                    .as(step.name())
                    .doesNotContain(node)
                    .doesNotContainPattern(address.replace(".", "\\.") + "(?![0-9])"));
    Files.delete(file);
  }

  private static Collection<String> nodes(Cluster cluster) {
    return cluster.nodes().stream().map(Node::name).collect(toCollection(TreeSet::new));
  }

  private static Stream<Declared> requests(Graph graph) {
    return graph.resources().stream()
        .filter(it -> it.type().equals("tls:index/certRequest:CertRequest"));
  }

  private static String service(Declared request) {
    return request.name().split("/", -1)[1];
  }

  private static List<String> list(Declared request, String input) {
    return ((List<?>) request.inputs().getOrDefault(input, List.of()))
        .stream().map(String::valueOf).toList();
  }

  private static Declared named(String name) {
    return GRAPH.resources().stream()
        .filter(it -> it.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no resource is named " + name));
  }

  private static String file(Graph graph, String step, String path) {
    return ReceivedBundle.of(graph.step(step).text("stdin")).files().stream()
        .filter(file -> file.path().equals(path))
        .findFirst()
        .orElseThrow(() -> new AssertionError(step + " has no " + path))
        .text();
  }
}
