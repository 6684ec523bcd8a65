package ninefold.machine;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import ninefold.Graph;
import ninefold.Graph.Declared;
import ninefold.TestProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibvirtMachinesTest {
  private static final String DOMAIN = "libvirt:index/domain:Domain";
  private static final String VOLUME = "libvirt:index/volume:Volume";
  private static final String FIRST_BOOT = "libvirt:index/cloudinitDisk:CloudinitDisk";
  private static final String KEY = "tls:index/privateKey:PrivateKey";
  private static final String PROVIDER = "pulumi:providers:libvirt";

  @TempDir Path folder;
  private Path image;

  @BeforeEach
  void createImage() throws Exception {
    image = Files.writeString(folder.resolve("image.qcow2"), "an image");
  }

  @Test
  void domainsHaveTheConfiguredType() {
    var domains = graph("stacks/dev.yaml", Map.of("domainType", "qemu")).stream(DOMAIN).toList();

    assertThat(domains).hasSize(9);
    assertThat(domains)
        .allSatisfy(
            domain -> {
              assertThat(domain.inputs()).containsEntry("type", "qemu").containsEntry("vcpu", 1.0);
              assertThat(domain.inputs()).containsEntry("memory", 512.0);
            });
    assertThat(domains.stream().map(LibvirtMachinesTest::macAddress)).doesNotHaveDuplicates();
  }

  @Test
  void onlyStatefulNodesHaveDataDisks() {
    assertThat(dataDisks(graph("stacks/dev.yaml", Map.of())).map(Declared::machine))
        .containsExactlyInAnyOrder(
            "postgres1", "postgres2", "postgres3", "etcd1", "etcd2", "etcd3", "repository");
  }

  @Test
  void dataDisksAreProtectedIfDescribed() {
    assertThat(dataDisks(graph("stacks/dev.yaml", Map.of()))).noneMatch(Declared::isProtected);
    assertThat(dataDisks(graph("stacks/prod.yaml", Map.of()))).allMatch(Declared::isProtected);
  }

  @Test
  void administratorHasOneKeyByDefault() {
    var graph = graph("stacks/dev.yaml", Map.of());

    assertThat(graph.stream(KEY).map(Declared::name))
        .filteredOn(name -> !name.contains("/host-key"))
        .contains("administrator")
        .noneMatch(name -> name.startsWith("administrator-"));
    assertThat(administratorSteps(graph))
        .hasSize(9)
        .allMatch(
            step ->
                step.text("stdin").lines().filter(line -> line.startsWith("authorized ")).count()
                    == 1);
  }

  /** Second of three runs: the stack uses the new key, and machines still trust the old one. */
  @Test
  void machinesTrustBothSshKeysDuringRotation() throws Exception {
    var description =
        Files.writeString(
            folder.resolve("exchange.yaml"),
            Files.readString(Path.of("stacks/dev.yaml"))
                .replace(
                    "kind: libvirt\n", "kind: libvirt\n  sshKey: 2\n  sshKeyAlsoTrusted: 1\n"));

    var graph = graph(description.toString(), Map.of());

    assertThat(graph.stream(KEY).map(Declared::name)).contains("administrator", "administrator-2");
    assertThat(administratorSteps(graph))
        .hasSize(9)
        .allSatisfy(
            step -> {
              assertThat(step.text("stdin"))
                  .containsPattern(
                      """
                      authorized ssh-ed25519 B+ administrator-2
                      authorized ssh-ed25519 B+ administrator
                      """);
              assertThat(step.inputs().get("connection").toString())
                  .contains("SECRET(administrator-2)");
            });
  }

  @Test
  void firstHostKeysNeedNoStep() {
    var graph = graph("stacks/dev.yaml", Map.of());

    assertThat(graph.stream(Graph.COMMAND)).noneMatch(step -> step.thing().equals("host-keys"));
    assertThat(graph.stream(KEY).map(Declared::name)).contains("etcd1/host-key");
  }

  /** Second of three runs: connections expect the new key, and machines show both. */
  @Test
  void machinesShowBothHostKeysDuringRotation() throws Exception {
    var description =
        Files.writeString(
            folder.resolve("exchange.yaml"),
            Files.readString(Path.of("stacks/dev.yaml"))
                .replace(
                    "kind: libvirt\n", "kind: libvirt\n  hostKeys: 2\n  hostKeysAlsoShown: 1\n"));

    var graph = graph(description.toString(), Map.of());

    var keys = graph.stream(KEY).filter(key -> key.name().startsWith("etcd1/host-key")).toList();
    assertThat(keys)
        .extracting(key -> key.name() + " " + key.text("algorithm"))
        .containsExactlyInAnyOrder("etcd1/host-key ED25519", "etcd1/host-key-2 ECDSA");
    var steps =
        graph.stream(Graph.COMMAND).filter(step -> step.thing().equals("host-keys")).toList();
    assertThat(steps).hasSize(9);
    assertThat(steps)
        .filteredOn(step -> step.machine().equals("etcd1"))
        .allSatisfy(
            step -> {
              assertThat(step.text("stdin"))
                  .contains(
                      "=== /etc/ssh/ninefold_host_ecdsa_key root:root 0600\nSECRET(etcd1/host-key-2)",
                      "=== /etc/ssh/ninefold_host_ed25519_key root:root 0600\nSECRET(etcd1/host-key)");
              assertThat(step.secrets()).contains("stdin");
              assertThat(step.inputs().get("connection").toString()).contains(" etcd1/host-key-2");
            });
  }

  private static List<Declared> administratorSteps(Types graph) {
    return graph.stream(Graph.COMMAND).filter(it -> it.thing().equals("administrator")).toList();
  }

  /** A volume as the provider writes it, with the provider's mode. */
  private static final String VOLUME_XML =
      """
      <volume type="file"><name>data</name><capacity unit="bytes">1</capacity>
      <target><format type="qcow2"></format><permissions><mode>644</mode></permissions></target>
      </volume>
      """;

  /** The change must be ignored on existing disks, which the provider would replace. */
  @Test
  void newDisksAreUnreadableForOthers() throws Exception {
    var disks =
        graph("stacks/prod.yaml", Map.of()).stream(VOLUME)
            .filter(volume -> volume.thing().endsWith("-disk"))
            .toList();

    assertThat(disks).hasSize(16).allMatch(disk -> disk.ignored().contains("xml"));
    var stylesheets =
        disks.stream().map(disk -> (String) ((Map<?, ?>) disk.inputs().get("xml")).get("xslt"));
    var stylesheet =
        Files.writeString(folder.resolve("volume.xsl"), stylesheets.distinct().toList().get(0));
    var volume = Files.writeString(folder.resolve("volume.xml"), VOLUME_XML);
    var transformed = TestProcess.run("xsltproc", stylesheet.toString(), volume.toString());
    assertThat(transformed.output().replaceAll(">\\s+<", "><"))
        .contains("<name>data</name>", "<permissions><mode>0600</mode></permissions>")
        .doesNotContain("644");
  }

  @Test
  void firstBootKeysAreSecret() {
    assertThat(graph("stacks/dev.yaml", Map.of()).stream(FIRST_BOOT))
        .hasSize(9)
        .allMatch(disk -> disk.secrets().contains("userData"));
  }

  @Test
  void eachHypervisorHasItsOwnProviderAndImage() {
    var graph = graph("stacks/prod.yaml", Map.of());

    assertThat(graph.stream(PROVIDER).map(provider -> provider.text("uri")))
        .hasSize(3)
        .allMatch(uri -> uri.contains("knownhosts="));
    assertThat(graph.stream(VOLUME).filter(it -> it.thing().endsWith("/image")))
        .extracting(Declared::machine)
        .contains("rack-a", "rack-b", "rack-c");
  }

  @Test
  void configuredUriReplacesTheDescribedOne() {
    var graph = graph("stacks/dev.yaml", Map.of("libvirtUri", "test:///default"));

    assertThat(graph.stream(PROVIDER).map(provider -> provider.text("uri")))
        .containsExactly("test:///default");
  }

  @Test
  void invalidSettingsAreRefusedBeforeAnythingIsDeclared() {
    assertRefused("stacks/prod.yaml", Map.of("libvirtUri", "qemu:///system"), "libvirtUri");
    assertRefused("stacks/dev.yaml", Map.of("domainType", "xen"), "kvm or qemu");
    assertRefused("stacks/dev.yaml", Map.of("libvirtUri", "localhost"), "it must be qemu");
    assertRefused(
        "stacks/dev.yaml",
        Map.of("libvirtUri", "qemu+ssh://u@h/system?no%5Fverify=1"),
        "it must be qemu");
    assertRefused(
        "stacks/dev.yaml", Map.of("libvirtUri", "qemu+ssh://u@h/system"), "has no hostKey");
    assertRefused("stacks/dev.yaml", Map.of("baseImage", "https://images/x"), "must be a file");
    assertRefused("stacks/dev.yaml", Map.of("baseImage", folder + "/missing"), "/missing");
  }

  private void assertRefused(String description, Map<String, String> settings, String word) {
    var graph = declare(description, settings);

    assertThat(graph.exceptions()).isNotEmpty();
    assertThat(graph.exceptions().toString() + graph.errors()).contains(word);
    assertThat(graph.resources()).noneMatch(it -> it.type().startsWith("libvirt:"));
  }

  private Types graph(String description, Map<String, String> settings) {
    var graph = declare(description, settings);
    assertThat(graph.exceptions()).isEmpty();
    return new Types(graph.resources());
  }

  private Graph declare(String description, Map<String, String> settings) {
    var all = new java.util.HashMap<>(Map.of("baseImage", image.toString()));
    all.put("cluster", description);
    all.putAll(settings);
    return Graph.of(all);
  }

  private static Stream<Declared> dataDisks(Types graph) {
    return graph.stream(VOLUME).filter(volume -> volume.thing().equals("data-disk"));
  }

  private static Object macAddress(Declared domain) {
    var interfaces = (List<?>) domain.inputs().get("networkInterfaces");
    return ((Map<?, ?>) interfaces.get(0)).get("mac");
  }

  private record Types(List<Declared> resources) {
    Stream<Declared> stream(String type) {
      assertThat(types()).contains(type);
      return resources.stream().filter(resource -> resource.type().equals(type));
    }

    Set<String> types() {
      return resources.stream().map(Declared::type).collect(toSet());
    }
  }
}
