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

/** Data of existing hosts is deleted only if the description names it twice. */
class WipeScopeTest {
  @TempDir private Path folder;

  @Test
  void onlyNamedDataIsDeleted() throws IOException {
    assertThat(deleting("{kind: given}")).isEmpty();
    assertThat(deleting("{kind: given, wipe: false}")).isEmpty();
  }

  /** Only nodes with data can be named. */
  @Test
  void onlyTheNodesThatAreNamedLoseTheirData() throws IOException {
    var wiping = deleting("{kind: given, wipe: true}\ndrop: {data: [containers/postgres2]}");

    assertThat(wiping.keySet()).containsExactly("haproxy1", "haproxy2", "postgres2");
    assertThat(wiping.get("postgres2")).contains("scripts", "patroni", "pgbackrest");
    assertThat(wiping.get("haproxy1")).containsExactly("scripts");
  }

  @Test
  void backupsStayWithDataThatIsDeleted_unlessTheyAreNamedToo() throws IOException {
    var data =
        "data: [containers/postgres1, containers/postgres2, containers/postgres3,"
            + " containers/etcd1, containers/etcd2, containers/etcd3]";

    assertThat(deleting("{kind: given, wipe: true}\ndrop: {%s}".formatted(data)))
        .doesNotContainKey("repository")
        .hasSize(8);
    assertThat(
            deleting(
                "{kind: given, wipe: true}\ndrop: {%s, backups: [containers/repository]}"
                    .formatted(data)))
        .hasSize(9)
        .extractingByKey("repository")
        .isEqualTo(Set.of("scripts", "pgbackrest"));
  }

  @Test
  void aNodeWithBothKeepsWhatIsNotNamed() {
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
  void withoutNamedData_noWarningIsPrinted() throws IOException {
    assertThat(WipeScope.warning(Descriptions.cluster(text("{kind: given}")))).isEmpty();
  }

  /** The steps that delete data when they are removed, by machine. */
  private Map<String, Set<String>> deleting(String machines) throws IOException {
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
