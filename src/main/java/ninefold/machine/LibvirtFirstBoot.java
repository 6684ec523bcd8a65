package ninefold.machine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.render.Template;

/** What cloud-init tells a machine at its first boot: who it is, whom it lets in, its address. */
final class LibvirtFirstBoot {
  private final Cluster cluster;
  private final Machines.Libvirt machines;
  private final Node node;
  private final String mac;

  LibvirtFirstBoot(Cluster cluster, Machines.Libvirt machines, Node node, String mac) {
    this.cluster = cluster;
    this.machines = machines;
    this.node = node;
    this.mac = mac;
  }

  /** Returns the directories on the node's data disk; a node without any has no data disk. */
  static List<String> dataDirectories(Node node) {
    return Stream.of(Role.values())
        .filter(node::is)
        .flatMap(role -> role.dataDirectory().stream())
        .toList();
  }

  /** Returns cloud-init's {@code meta-data}: the machine's identity. */
  String metaData() {
    return "instance-id: %s-%s%nlocal-hostname: %s%n"
        .formatted(cluster.name(), node.name(), node.name());
  }

  /** Returns cloud-init's {@code network-config}, for the interface with the MAC address. */
  String networkConfig() {
    var model = new HashMap<String, Object>();
    model.put("mac", mac);
    model.put("address", node.address());
    model.put("prefix", cluster.network().range().prefix());
    model.put("nameservers", machines.nameservers());
    machines.gateway().ifPresent(gateway -> model.put("gateway", gateway));
    return Template.render("machine/network-config.yaml.ftl", model);
  }

  /**
   * Returns cloud-init's {@code user-data}: the administrator, the host key and the data disk.
   *
   * @param authorizedKey the public key that may log in as the administrator
   * @param hostKeyType cloud-init's name for the host key's type, such as {@code ed25519}
   * @param hostKeyPrivate the private host key, in OpenSSH's format; a secret
   * @param hostKeyPublic the public host key, as {@code TYPE KEY}
   */
  String userData(
      String authorizedKey, String hostKeyType, String hostKeyPrivate, String hostKeyPublic) {
    return Template.render(
        "machine/user-data.yaml.ftl",
        Map.of(
            "clusterName", cluster.name(),
            "name", node.name(),
            "administrator", cluster.access().user(),
            "port", cluster.access().port(),
            "authorizedKey", authorizedKey.strip(),
            "hostKeyType", hostKeyType,
            "hostKeyPrivate", hostKeyPrivate,
            "hostKeyPublic", hostKeyPublic.strip(),
            "dataDirectories", dataDirectories(node),
            "dataDiskScript", Template.script("machine/data-disk")));
  }
}
