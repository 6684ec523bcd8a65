package ninefold.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ninefold.description.problem.Problems;
import ninefold.description.problem.SourceLines;
import ninefold.description.reader.DescriptionReader;
import ninefold.description.reader.YamlDocument;
import ninefold.description.schema.ReferenceValidator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StacksTest {
  private static final Path STACKS = Path.of("stacks");

  static List<Path> stacks() throws IOException {
    try (Stream<Path> files = Files.list(STACKS)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void isValid_andNamedAfterItsFile(Path file) throws IOException {
    Cluster cluster = DescriptionReader.read(file);

    assertThat(file).hasFileName(cluster.name() + ".yaml");
    assertThat(cluster.databases())
        .extracting(Database::name, Database::owner)
        .startsWith(tuple("app", "app"))
        .isSubsetOf(tuple("app", "app"), tuple("metastore", "hive"));
    assertThat(Files.readString(file))
        .startsWith("# yaml-language-server: $schema=cluster.schema.json\n");
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void isValidForTheReferenceValidator(Path file) throws IOException {
    assertThat(
            ReferenceValidator.errors(
                YamlDocument.parse(Files.readString(file), new Problems(), new SourceLines())))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "containers"})
  void labsHaveTheSameNineMachines(String stack) {
    Cluster cluster = DescriptionReader.read(STACKS.resolve(stack + ".yaml"));

    assertThat(cluster.network().virtualAddress()).isEqualTo("192.168.100.56");
    assertThat(
            cluster.nodes().stream()
                .map(
                    node ->
                        node.name()
                            + node.address().replace("192.168.100", "")
                            + node.roles().stream().map(Role::word).toList())
                .collect(Collectors.joining(" ")))
        .isEqualTo(
            "postgres1.1[postgres] postgres2.2[postgres] postgres3.3[postgres] etcd1.4[etcd] "
                + "etcd2.7[etcd] etcd3.8[etcd] haproxy1.5[balancer] haproxy2.6[balancer] "
                + "repository.9[repository]");
    assertThat(cluster.nodes())
        .allMatch(node -> node.cpus() == 1 && node.memory().mebibytes() == 512);
  }

  @Test
  void prod_spreadsEachRoleOverHypervisors() {
    Cluster cluster = DescriptionReader.read(STACKS.resolve("prod.yaml"));

    for (Role role : Role.values()) {
      assertThat(cluster.nodes(role)).extracting(Node::hypervisor).doesNotHaveDuplicates();
    }
    assertThat(cluster.machines())
        .isInstanceOfSatisfying(
            Machines.Libvirt.class, libvirt -> assertThat(libvirt.protect()).isTrue());
  }
}
