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

/** Whether the nodes fit the machines they are to run on. */
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
      checks.givenNodes();
    }
  }

  private void givenNodes() {
    for (int i = 0; i < cluster.nodes().size(); i++) {
      Node node = cluster.nodes().get(i);
      String path = Problem.at("nodes", i);
      senseless(path + ".hypervisor", node.hypervisor(), "given machines run on none");
      senseless(path + ".pool", node.pool(), "given machines have their disks");
    }
  }

  private void senseless(String path, Optional<String> value, String reason) {
    value.ifPresent(it -> problems.add(path, it + " means nothing: " + reason, "leave it out"));
  }

  private void administrator() {
    if (cluster.access().user().equals("root")) {
      problems.add(
          "access.user",
          "root was found, and machines made here don't let root in",
          "name another user: it is made with the machine");
    }
  }

  private void sshKeys(Machines.Libvirt libvirt) {
    if (libvirt.sshKeyAlsoTrusted() == libvirt.sshKey()) {
      problems.add(
          "machines.sshKeyAlsoTrusted",
          libvirt.sshKey() + " is the key that is used, which is trusted anyway",
          "name another generation, or leave it out");
    }
    int also = libvirt.hostKeysAlsoShown();
    if (also > 0 && also % 2 == libvirt.hostKeys() % 2) {
      problems.add(
          "machines.hostKeysAlsoShown",
          also + " and hostKeys, " + libvirt.hostKeys() + ", are of one type",
          "a machine shows one key of each type: take an even and an odd number");
    }
  }

  private void image(Machines.Image image) {
    if (image.source().matches("https?://.*") && image.sha256().isEmpty()) {
      problems.add(
          "machines.image.sha256",
          "missing, and the image comes over the network",
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
            "missing, and the hypervisor is reached by ssh",
            "add the line of its /etc/ssh/ssh_host_ed25519_key.pub, without the comment");
      }
      if (hypervisors.size() > 1 && hypervisor.bridge().isEmpty()) {
        problems.add(
            path + ".bridge",
            "missing, and an isolated network does not reach the other hypervisors",
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
      problems.add(path, value + " stands here twice", "give each its own");
    }
  }

  private void nodes(List<Machines.Hypervisor> hypervisors) {
    for (int i = 0; i < cluster.nodes().size(); i++) {
      Node node = cluster.nodes().get(i);
      String path = Problem.at("nodes", i);
      senseless(path + ".hostKey", node.hostKey(), "machines made here get a key of their own");
      senseless(path + ".sshAddress", node.sshAddress(), "machines made here have one address");
      if (node.hypervisor().isEmpty() && hypervisors.size() > 1) {
        problems.add(
            path + ".hypervisor",
            "missing, and there are several hypervisors",
            "allowed: " + names(hypervisors));
      }
      Optional<Machines.Hypervisor> home = home(node, hypervisors);
      if (node.hypervisor().isPresent() && home.isEmpty()) {
        problems.add(
            path + ".hypervisor",
            node.hypervisor().get() + " is no hypervisor",
            "allowed: " + names(hypervisors));
      }
      home.ifPresent(hypervisor -> pool(path + ".pool", node, hypervisor));
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

  /** The loss of a hypervisor must not take more nodes of a role along than it has to. */
  private void spread(Role role, List<Machines.Hypervisor> hypervisors) {
    Map<String, List<String>> homes = new TreeMap<>();
    List<Node> nodes = cluster.nodes(role);
    for (Node node : nodes) {
      home(node, hypervisors)
          .ifPresent(
              it -> homes.computeIfAbsent(it.name(), name -> new ArrayList<>()).add(node.name()));
    }
    int most = (nodes.size() + hypervisors.size() - 1) / hypervisors.size();
    homes.forEach(
        (home, names) -> {
          if (names.size() > most) {
            problems.add(
                "nodes",
                "%s share hypervisor %s, whose loss takes them all"
                    .formatted(String.join(", ", names), home),
                "spread the nodes of role %s: %d at most on each".formatted(role.word(), most));
          }
        });
  }

  private static Optional<Machines.Hypervisor> home(
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
