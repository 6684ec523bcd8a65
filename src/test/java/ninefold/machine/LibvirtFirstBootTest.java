package ninefold.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

class LibvirtFirstBootTest {
  private static final String PRIVATE =
      "-----BEGIN OPENSSH PRIVATE KEY-----\n\"a\\b\"\n-----END OPENSSH PRIVATE KEY-----\n";
  private static final String MAC = "52:54:00:aa:bb:cc";

  private final Cluster dev = DescriptionReader.read(Path.of("stacks/dev.yaml"));
  private final Cluster prod = DescriptionReader.read(Path.of("stacks/prod.yaml"));

  @Test
  void hostKey_isInUserData() {
    var userData = userData("etcd1");

    assertThat(userData.get("ssh_keys"))
        .isEqualTo(Map.of("ed25519_private", PRIVATE, "ed25519_public", "ssh-ed25519 BBBB"));
    assertThat(userData.get("hostname")).isEqualTo("etcd1");
  }

  @Test
  void onlyAdministratorCanLogIn() {
    assertThat(userData("etcd1").get("users"))
        .isEqualTo(
            List.of(
                Map.of(
                    "name", "admin",
                    "shell", "/bin/bash",
                    "lock_passwd", true,
                    "sudo", "ALL=(ALL) NOPASSWD: ALL",
                    "ssh_authorized_keys", List.of("ssh-ed25519 AAAA"))));
    assertThat(userData("etcd1"))
        .containsEntry("disable_root", true)
        .containsEntry("ssh_pwauth", false);
    assertThat(userData("etcd1").get("write_files").toString()).contains("PermitRootLogin no");
  }

  @Test
  void dataDirectories_areOnTheDataDisk() {
    assertThat(dataDisk("postgres1")).contains(List.of("data-disk", "dev", "/var/lib/postgresql"));
    assertThat(dataDisk("etcd1")).contains(List.of("data-disk", "dev", "/var/lib/etcd"));
    assertThat(dataDisk("repository")).contains(List.of("data-disk", "dev", "/var/lib/pgbackrest"));
    assertThat(dataDisk("haproxy1")).isEmpty();
  }

  @Test
  void address_isSetByMacAddress() {
    assertThat(network(dev, "etcd1"))
        .isEqualTo(
            Map.of(
                "match",
                Map.of("macaddress", MAC),
                "dhcp4",
                false,
                "dhcp6",
                false,
                "addresses",
                List.of("192.168.100.4/24")));
  }

  @Test
  void gatewayAndNameServers_areDescribed() {
    var libvirt = (Machines.Libvirt) prod.machines();

    var network = network(prod, prod.nodes().get(0).name());

    assertThat(network.get("routes"))
        .isEqualTo(List.of(Map.of("to", "default", "via", libvirt.gateway().orElseThrow())));
    assertThat(network.get("nameservers")).isEqualTo(Map.of("addresses", libvirt.nameservers()));
  }

  private Optional<List<?>> dataDisk(String node) {
    return ((List<?>) userData(node).getOrDefault("bootcmd", List.of()))
        .stream()
            .map(command -> (List<?>) command)
            .filter(command -> command.get(0).equals("bash"))
            .<List<?>>map(command -> command.subList(3, command.size()))
            .findFirst();
  }

  private Map<String, Object> userData(String node) {
    var text =
        firstBoot(dev, node)
            .userData("ssh-ed25519 AAAA\n", "ed25519", PRIVATE, "ssh-ed25519 BBBB\n");
    assertThat(text).startsWith("#cloud-config\n");
    return new Yaml().load(text);
  }

  private static Map<?, ?> network(Cluster cluster, String node) {
    Map<String, Map<String, Map<?, ?>>> text =
        new Yaml().load(firstBoot(cluster, node).networkConfig());
    return text.get("ethernets").get("primary");
  }

  private static LibvirtFirstBoot firstBoot(Cluster cluster, String name) {
    Node node =
        cluster.nodes().stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
    return new LibvirtFirstBoot(cluster, (Machines.Libvirt) cluster.machines(), node, MAC);
  }
}
