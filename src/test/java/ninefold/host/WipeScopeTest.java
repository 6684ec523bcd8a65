package ninefold.host;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import ninefold.Descriptions;
import ninefold.Graph;
import ninefold.Graph.Declared;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data of existing hosts is deleted only if the description asks for it twice. */
class WipeScopeTest {
  @TempDir private Path folder;

  @Test
  void dataIsDeletedOnlyIfNamed() throws IOException {
    assertThat(wipingSteps("{kind: given}")).isEmpty();
    assertThat(wipingSteps("{kind: given, wipe: false}")).isEmpty();
  }

  /** Nodes without data have nothing that the description could name. */
  @Test
  void onlyNamedNodesLoseTheirData() throws IOException {
    var wiping = wipingSteps("{kind: given, wipe: true}\ndrop: {data: [containers/postgres2]}");

    assertThat(wiping.keySet()).containsExactly("haproxy1", "haproxy2", "postgres2");
    assertThat(wiping.get("postgres2")).contains("scripts", "patroni", "pgbackrest");
    assertThat(wiping.get("haproxy1")).containsExactly("scripts");
  }

  @Test
  void backupsAreDeletedOnlyIfNamedToo() throws IOException {
    var data =
        "data: [containers/postgres1, containers/postgres2, containers/postgres3,"
            + " containers/etcd1, containers/etcd2, containers/etcd3]";

    assertThat(wipingSteps("{kind: given, wipe: true}\ndrop: {%s}".formatted(data)))
        .doesNotContainKey("repository")
        .hasSize(8);
    assertThat(
            wipingSteps(
                "{kind: given, wipe: true}\ndrop: {%s, backups: [containers/repository]}"
                    .formatted(data)))
        .hasSize(9)
        .extractingByKey("repository")
        .isEqualTo(Set.of("scripts", "pgbackrest"));
  }

  @Test
  void nodeWithDataAndBackups_losesOnlyWhatIsNamed() {
    var cluster =
        Descriptions.cluster(
            """
            name: trio
            network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
            machines: {kind: given, wipe: true}
            drop: {data: [trio/a, trio/c]}
            nodes:
              - {name: a, address: 10.0.0.1, roles: [postgres, etcd, balancer]}
              - {name: b, address: 10.0.0.2, roles: [postgres, etcd]}
              - {name: c, address: 10.0.0.3, roles: [etcd, repository]}
            """);

    assertThat(cluster.nodes())
        .extracting(node -> WipeScope.of(cluster, node))
        .containsExactly(
            new WipeScope(true, true, true), WipeScope.NOTHING, new WipeScope(true, false, false));
    assertThat(WipeScope.warning(cluster))
        .hasValueSatisfying(
            warning ->
                assertThat(warning)
                    .contains("the data of trio/a, trio/c and the backups on no node")
                    .contains("run pulumi up before"));
  }

  @Test
  void warnsOnlyIfDataIsNamed() throws IOException {
    assertThat(WipeScope.warning(Descriptions.cluster(text("{kind: given}")))).isEmpty();
  }

  /** Returns the steps whose delete command wipes data, by node. */
  private Map<String, Set<String>> wipingSteps(String machines) throws IOException {
    var graph = Graph.of(Files.writeString(folder.resolve("cluster.yaml"), text(machines)));
    assertThat(graph.exceptions()).isEmpty();
    return graph.steps().stream()
        .filter(step -> step.text("delete").endsWith(" wipe"))
        .collect(
            groupingBy(
                Declared::machine,
                TreeMap::new,
                mapping(Declared::thing, toCollection(TreeSet::new))));
  }

  private static String text(String machines) throws IOException {
    return Files.readString(Descriptions.stack("containers")).replace("{kind: given}", machines);
  }
}
