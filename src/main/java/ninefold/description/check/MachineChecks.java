package ninefold.description.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether the nodes fit the machines that they run on. */
final class MachineChecks {
  private final Cluster cluster;
  private final Problems problems;

  private MachineChecks(Cluster cluster, Problems problems) {
    this.cluster = cluster;
    this.problems = problems;
  }

  static void run(Cluster cluster, Problems problems) {
    MachineChecks checks = new MachineChecks(cluster, problems);
    if (cluster.machines() instanceof Machines.Libvirt libvirt) {
      checks.administrator();
      checks.sshKeys(libvirt);
      checks.image(libvirt.image());
      checks.hypervisors(libvirt.hypervisors());
      checks.nodes(libvirt.hypervisors());
      for (Role role : Role.values()) {
        checks.spread(role, libvirt.hypervisors());
      }
    } else {
      checks.existingHosts();
    }
  }

  private void existingHosts() {
    for (int i = 0; i < cluster.nodes().size(); i++) {
      Node node = cluster.nodes().get(i);
      String path = Problem.at("nodes", i);
      hasNoEffect(path + ".hypervisor", node.hypervisor(), "existing machines have no hypervisor");
      hasNoEffect(path + ".pool", node.pool(), "existing machines have their own disks");
    }
  }

  private void hasNoEffect(String path, Optional<String> value, String reason) {
    value.ifPresent(
        text -> problems.add(path, text + " has no effect: " + reason, "remove the key"));
  }

  private void administrator() {
    if (cluster.access().user().equals("root")) {
      problems.add(
          "access.user",
          "root was found, but machines that the stack creates do not accept root",
          "name a different user, who is created with the machine");
    }
  }

  private void sshKeys(Machines.Libvirt libvirt) {
    libvirt
        .sshKeyAlsoTrusted()
        .filter(also -> also == libvirt.sshKey())
        .ifPresent(
            also ->
                problems.add(
                    "machines.sshKeyAlsoTrusted",
                    also + " is the key in use, which is always trusted",
                    "name a different generation, or remove the key"));
    libvirt
        .hostKeysAlsoShown()
        .filter(also -> also % 2 == libvirt.hostKeys() % 2)
        .ifPresent(
            also ->
                problems.add(
                    "machines.hostKeysAlsoShown",
                    also + " and hostKeys, " + libvirt.hostKeys() + ", are of the same type",
                    "a machine has one key of each type: use an even and an odd number"));
  }

  private void image(Machines.Image image) {
    if (image.source().matches("https?://.*") && image.sha256().isEmpty()) {
      problems.add(
          "machines.image.sha256",
          "missing, but the image is downloaded",
          "add the image's SHA-256 checksum");
    }
  }

  private void hypervisors(List<Machines.Hypervisor> hypervisors) {
    Set<String> names = new HashSet<>();
    Set<String> uris = new HashSet<>();
    for (int i = 0; i < hypervisors.size(); i++) {
      Machines.Hypervisor hypervisor = hypervisors.get(i);
      String path = Problem.at("machines.hypervisors", i);
      unique(path + ".name", hypervisor.name(), names);
      unique(path + ".uri", hypervisor.uri(), uris);
      if (hypervisor.uri().startsWith("qemu+ssh:") && hypervisor.hostKey().isEmpty()) {
        problems.add(
            path + ".hostKey",
            "missing, but the hypervisor is reached by ssh",
            "add the line of its /etc/ssh/ssh_host_ed25519_key.pub, without the comment");
      }
      if (hypervisors.size() > 1 && hypervisor.bridge().isEmpty()) {
        problems.add(
            path + ".bridge",
            "missing, but an isolated network does not reach the other hypervisors",
            "name a bridge that exists on the hypervisor");
      }
      pools(path + ".pools", hypervisor.pools());
    }
  }

  private void pools(String path, List<Machines.Pool> pools) {
    Set<String> names = new HashSet<>();
    Set<String> paths = new HashSet<>();
    for (int i = 0; i < pools.size(); i++) {
      unique(Problem.at(path, i) + ".name", pools.get(i).name(), names);
      unique(Problem.at(path, i) + ".path", pools.get(i).path(), paths);
    }
  }

  private void unique(String path, String value, Set<String> seen) {
    if (!seen.add(value)) {
      problems.add(path, value + " is listed twice", "use each only once");
    }
  }

  private void nodes(List<Machines.Hypervisor> hypervisors) {
    for (int i = 0; i < cluster.nodes().size(); i++) {
      Node node = cluster.nodes().get(i);
      String path = Problem.at("nodes", i);
      hasNoEffect(path + ".hostKey", node.hostKey(), "virtual machines get a key of their own");
      hasNoEffect(path + ".sshAddress", node.sshAddress(), "virtual machines have one address");
      if (node.hypervisor().isEmpty() && hypervisors.size() > 1) {
        problems.add(
            path + ".hypervisor",
            "missing, but there are several hypervisors",
            "allowed: " + names(hypervisors));
      }
      Optional<Machines.Hypervisor> known = hypervisorOf(node, hypervisors);
      if (node.hypervisor().isPresent() && known.isEmpty()) {
        problems.add(
            path + ".hypervisor",
            node.hypervisor().get() + " is not a hypervisor",
            "allowed: " + names(hypervisors));
      }
      known.ifPresent(hypervisor -> pool(path + ".pool", node, hypervisor));
    }
  }

  private void pool(String path, Node node, Machines.Hypervisor hypervisor) {
    List<String> pools = hypervisor.pools().stream().map(Machines.Pool::name).toList();
    node.pool()
        .filter(pool -> !pools.contains(pool))
        .ifPresent(
            pool ->
                problems.add(
                    path,
                    "hypervisor %s has no pool %s".formatted(hypervisor.name(), pool),
                    "allowed: " + String.join(", ", pools)));
  }

  /** Requires that a role's nodes are spread evenly, so that a hypervisor's failure costs few. */
  private void spread(Role role, List<Machines.Hypervisor> hypervisors) {
    Map<String, List<String>> nodesByHypervisor = new TreeMap<>();
    List<Node> nodes = cluster.nodes(role);
    for (Node node : nodes) {
      hypervisorOf(node, hypervisors)
          .ifPresent(
              hypervisor ->
                  nodesByHypervisor
                      .computeIfAbsent(hypervisor.name(), name -> new ArrayList<>())
                      .add(node.name()));
    }
    int most = (nodes.size() + hypervisors.size() - 1) / hypervisors.size();
    nodesByHypervisor.forEach(
        (hypervisor, names) -> {
          if (names.size() > most) {
            problems.add(
                "nodes",
                "%s share hypervisor %s, and would all be lost with it"
                    .formatted(String.join(", ", names), hypervisor),
                "spread the nodes of role %s: at most %d on each hypervisor"
                    .formatted(role.word(), most));
          }
        });
  }

  /** The node's hypervisor; empty if it is not described or not unique. */
  private static Optional<Machines.Hypervisor> hypervisorOf(
      Node node, List<Machines.Hypervisor> hypervisors) {
    if (node.hypervisor().isEmpty()) {
      return hypervisors.size() == 1 ? Optional.of(hypervisors.get(0)) : Optional.empty();
    }
    return hypervisors.stream()
        .filter(hypervisor -> hypervisor.name().equals(node.hypervisor().get()))
        .findFirst();
  }

  private static String names(List<Machines.Hypervisor> hypervisors) {
    return String.join(", ", hypervisors.stream().map(Machines.Hypervisor::name).toList());
  }
}
