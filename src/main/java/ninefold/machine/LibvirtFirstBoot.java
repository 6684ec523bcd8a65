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

  /** The directories that lie on the node's data disk; none if it keeps nothing. */
  static List<String> dataDirectories(Node node) {
    return Stream.of(Role.values())
        .filter(node::is)
        .flatMap(role -> role.dataDirectory().stream())
        .toList();
  }

  /** The machine's identity. */
  String metaData() {
    return "instance-id: %s-%s%nlocal-hostname: %s%n"
        .formatted(cluster.name(), node.name(), node.name());
  }

  /** Its address, on the interface that the hardware address tells. */
  String networkConfig() {
    var model = new HashMap<String, Object>();
    model.put("mac", mac);
    model.put("address", node.address());
    model.put("prefix", cluster.network().range().prefix());
    model.put("nameservers", machines.nameservers());
    machines.gateway().ifPresent(gateway -> model.put("gateway", gateway));
    return Template.render("machine/network-config.yaml.ftl", model);
  }

  /** Keys, the administrator, and the data disk. */
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
