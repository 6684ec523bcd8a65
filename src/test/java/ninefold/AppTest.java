package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import com.pulumi.exceptions.RunException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a user error shows its message without a stack trace. */
class AppTest {
  @TempDir private Path folder;

  @Test
  void invalidDescription_isReportedWithAllProblems() throws Exception {
    var file = Files.writeString(folder.resolve("bad.yaml"), "name: Bad Name\nnodes: []\n");

    var graph = Graph.of(Map.of("cluster", file.toString()));

    assertThat(messages(graph))
        .startsWith(file + ": ")
        .contains("nothing was touched", "name", "network", "machines", "nodes")
        .doesNotContain("Exception", "\tat ");
    assertThat(graph.steps()).isEmpty();
  }

  @Test
  void missingDescription_isReportedWithItsPath() {
    assertThat(messages(Graph.of(Map.of("cluster", "stacks/nowhere.yaml"))))
        .contains("stacks/nowhere.yaml", "there is no such file");
  }

  @Test
  void missingClusterSetting_isReported() {
    assertThat(messages(Graph.of(Map.of()))).contains("ninefold:cluster");
  }

  @Test
  void hostsWithoutHostKey_areReported() {
    var graph = Graph.of(Map.of("cluster", "stacks/containers.yaml", "sshPrivateKey", "private"));

    assertThat(messages(graph))
        .contains("node postgres1 (192.168.100.1)", "node repository (192.168.100.9)")
        .doesNotContain("Exception", "\tat ");
    assertThat(declared(graph)).isEmpty();
  }

  @Test
  void versionsOfUnknownPackages_areRefused() throws Exception {
    var file =
        Files.writeString(
            folder.resolve("versions.yaml"),
            Files.readString(Descriptions.stack("dev"))
                + "\npackages: {versions: {etcd: 3.5.1, haproxi: 3.0.1}}\n");

    var graph = Graph.of(Map.of("cluster", file.toString()));

    assertThat(messages(graph))
        .contains("packages.versions: etcd, haproxi: installed by no step", "etcd-server")
        .doesNotContain("Exception", "\tat ");
    assertThat(graph.steps()).isEmpty();
  }

  @Test
  void caKeyWithoutCertificate_isRefused() {
    var graph = Graph.of(Map.of("cluster", "stacks/dev.yaml", "caKey", "a key"));

    assertThat(messages(graph))
        .contains("ninefold:caKey is set, and ninefold:caCertificate is not")
        .contains("pulumi config rm ninefold:caKey");
    assertThat(declared(graph)).allMatch(resource -> resource.type().startsWith("ninefold:"));
  }

  @Test
  void shortBackupPassphrase_isRefusedUnlessAccepted() {
    var settings =
        new HashMap<>(
            Map.of(
                "cluster", "stacks/dev.yaml", "baseImage", "pom.xml", "backupPassphrase", "short"));
    var refused = Graph.of(settings);

    assertThat(messages(refused))
        .contains("ninefold:backupPassphrase has fewer than 32 characters")
        .doesNotContain("short\n", "\tat ");
    assertThat(declared(refused)).allMatch(resource -> resource.type().startsWith("ninefold:"));
    settings.put("shortBackupPassphrase", "accepted");
    assertThat(Graph.of(settings).exceptions()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "authorityCertificate, caCertificate, ''",
    "authorityAlsoTrusted, additionalTrustedCas, ''",
    "authorityKey, caKey, '--secret '"
  })
  void formerKey_isRefused_withCommandsThatMoveItsValue(
      String former, String present, String secret) {
    var graph = Graph.of(Map.of("cluster", "stacks/containers.yaml", former, "a word of it"));

    assertThat(messages(graph))
        .contains(
            "ninefold:%s is now ninefold:%s; move its value:".formatted(former, present),
            "pulumi config get ninefold:%s | pulumi config set %sninefold:%s"
                .formatted(former, secret, present),
            "pulumi config rm ninefold:" + former)
        .doesNotContain("a word of it", "Exception", "\tat ");
    assertThat(declared(graph)).isEmpty();
  }

  @Test
  void everyFormerKeyIsTested() {
    assertThat(StackSettings.RENAMED)
        .containsOnlyKeys("authorityCertificate", "authorityAlsoTrusted", "authorityKey");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sshPrivateKey", "caKey", "backupPassphrase"})
  void plaintextSecret_isRefused(String key) {
    var graph = Graph.ofPlain(Map.of("cluster", "stacks/containers.yaml", key, "a word of it"));

    assertThat(messages(graph))
        .contains(
            "ninefold:" + key + ": the stack's configuration holds this in plain text",
            "pulumi config set --secret ninefold:" + key + " < FILE")
        .doesNotContain("a word of it", "Exception", "\tat ");
    assertThat(declared(graph)).isEmpty();
  }

  /** The ssh ports of all nodes are a closed port of this machine. */
  @Test
  void unreachableHosts_areReportedBeforeAnythingIsDeclared() throws Exception {
    int closed;
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = server.getLocalPort();
    }
    var hostKey = SshKey.make().publicText();
    var file =
        Files.writeString(
            folder.resolve("closed.yaml"),
            Files.readString(Descriptions.stack("containers"))
                    .replaceAll("(?m), roles: ", ", sshAddress: 127.0.0.1, roles: ")
                + "\naccess: {port: %d, connectTimeout: 5s}\n".formatted(closed));

    var graph =
        Graph.ofUp(
            Map.of(
                "cluster",
                file.toString(),
                "sshPrivateKey",
                SshKey.make().privateText(),
                "knownHosts",
                "127.0.0.1 " + hostKey + "\n"));

    assertThat(messages(graph))
        .contains("node postgres1 (127.0.0.1:%d)".formatted(closed), "node repository (")
        .doesNotContain("\tat ");
    assertThat(declared(graph)).isEmpty();
  }

  @Test
  void missingImage_isReportedBeforeAnyKeyIsCreated() {
    var graph = Graph.of(Map.of("cluster", "stacks/dev.yaml", "baseImage", "/nowhere.qcow2"));

    assertThat(messages(graph)).contains("base image /nowhere.qcow2 does not exist");
    assertThat(declared(graph)).allMatch(resource -> resource.type().startsWith("ninefold:"));
  }

  /** These are the values if only the project's defaults are set. */
  @Test
  void blankSettingsCountAsAbsent() {
    var settings =
        new HashMap<>(Map.of("cluster", "stacks/containers.yaml", "sshPrivateKey", "private"));
    var optional = List.of("knownHosts", "libvirtUri", "domainType", "baseImage", "hypervisorKey");
    optional.forEach(key -> settings.put(key, ""));

    assertThat(messages(Graph.of(settings))).contains("these hosts' keys are not known");

    settings.putAll(Map.of("cluster", "stacks/dev.yaml", "baseImage", "pom.xml"));
    assertThat(Graph.of(settings).exceptions()).isEmpty();
  }

  @Test
  void optionalKeysHaveAnEmptyDefaultInTheProject() throws Exception {
    var project = Files.readString(Path.of("Pulumi.yaml"));
    var declared = "  ninefold:%s:\n    type: string\n    description: .*\n";

    assertThat(project).containsPattern(declared.formatted("cluster") + "  ninefold:");
    for (var key :
        List.of("knownHosts", "libvirtUri", "domainType", "baseImage", "hypervisorKey")) {
      assertThat(project).containsPattern(declared.formatted(key) + "    default: ''");
    }
    assertThat(project).as("Pulumi would ask for it").doesNotContain("secret: true");
  }

  /** Returns the declared resources without the stack itself. */
  private static List<Graph.Declared> declared(Graph graph) {
    return graph.resources().stream()
        .filter(resource -> !resource.type().equals("pulumi:pulumi:Stack"))
        .toList();
  }

  private static String messages(Graph graph) {
    assertThat(graph.exceptions()).hasAtLeastOneElementOfType(RunException.class);
    return String.join("\n", graph.errors());
  }
}
