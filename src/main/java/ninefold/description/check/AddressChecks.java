package ninefold.description.check;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ninefold.description.Cidr;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether every address is in the network and belongs to one machine. */
final class AddressChecks {
  private final Cidr network;
  private final Problems problems;
  private final Map<Long, String> taken = new HashMap<>();

  private AddressChecks(Cidr network, Problems problems) {
    this.network = network;
    this.problems = problems;
  }

  static void run(Cluster cluster, Problems problems) {
    firstAddress("network.cidr", cluster.network().cidr(), problems);
    Cidr.parse(cluster.network().cidr())
        .ifPresent(network -> new AddressChecks(network, problems).hosts(cluster));
  }

  static void firewall(Cluster cluster, Problems problems) {
    firstAddresses("firewall.applications", cluster.firewall().applications(), problems);
    firstAddresses("firewall.operators", cluster.firewall().operators(), problems);
  }

  private static void firstAddresses(String path, List<String> written, Problems problems) {
    for (int i = 0; i < written.size(); i++) {
      firstAddress(Problem.at(path, i), written.get(i), problems);
    }
  }

  private static void firstAddress(String path, String written, Problems problems) {
    Cidr.parse(written)
        .map(Cidr::toString)
        .filter(network -> !network.equals(written))
        .ifPresent(
            network ->
                problems.add(
                    path,
                    written + " is an address within a network",
                    "write the network " + network));
  }

  private void hosts(Cluster cluster) {
    host("network.virtualAddress", cluster.network().virtualAddress(), "the virtual address");
    if (cluster.machines() instanceof Machines.Libvirt libvirt) {
      libvirt.gateway().ifPresent(it -> host("machines.gateway", it, "the gateway's address"));
      if (libvirt.hypervisors().stream().anyMatch(hypervisor -> hypervisor.bridge().isEmpty())) {
        taken.put(network.broadcast() - 1, "the hypervisor's own address");
      }
    }
    for (int i = 0; i < cluster.nodes().size(); i++) {
      Node node = cluster.nodes().get(i);
      host(Problem.at("nodes", i) + ".address", node.address(), node.name() + "'s address");
    }
  }

  private void host(String path, String written, String whose) {
    Cidr.address(written).ifPresent(address -> host(path, address, whose));
  }

  private void host(String path, long address, String whose) {
    String written = Cidr.dotted(address);
    if (!network.contains(address)) {
      problems.add(path, written + " is outside network " + network, range());
    } else if (!network.hosts(address)) {
      String end = address == network.base() ? "the first address" : "the broadcast address";
      problems.add(path, "%s is %s of network %s".formatted(written, end, network), range());
    }
    String other = taken.putIfAbsent(address, whose);
    if (other != null) {
      problems.add(path, written + " is already " + other, "give each machine its own address");
    }
  }

  private String range() {
    return "allowed: %s to %s"
        .formatted(Cidr.dotted(network.base() + 1), Cidr.dotted(network.broadcast() - 1));
  }
}
