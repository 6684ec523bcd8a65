package ninefold.machine;

import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.tls.PrivateKey;
import com.pulumi.tls.PrivateKeyArgs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.host.Host;

/** The virtual machines that the stack creates, on one or more hypervisors. */
public final class LibvirtMachines extends ComponentResource {
  private static final Path IMAGES = Path.of(".build/cache/images");
  private static final Path HYPERVISORS = Path.of(".build/hypervisors");

  private final Cluster cluster;
  private final Machines.Libvirt machines;
  private final LibvirtSettings settings;
  private final List<PrivateKey> administrators;
  private final List<LibvirtMachine> virtualMachines;

  /**
   * Declares the machines, in the description's order.
   *
   * @param cluster the cluster
   * @param described the machines of the description
   * @param settings the settings of this workstation, which override the description's
   * @throws UnusableMachinesException if the base image or a hypervisor's key can't be used
   */
  public LibvirtMachines(
      Cluster cluster,
      Machines.Libvirt described,
      LibvirtSettings settings,
      ComponentResourceOptions options) {
    super("ninefold:machine:LibvirtMachines", "machines", options);
    this.cluster = cluster;
    this.machines = settings.over(described);
    this.settings = settings;
    var image = new LibvirtImage(machines.image(), IMAGES).file();
    this.administrators =
        IntStream.of(machines.sshKey(), machines.sshKeyAlsoTrusted().orElse(0))
            .filter(generation -> generation > 0)
            .mapToObj(this::administrator)
            .toList();
    var hypervisors =
        machines.hypervisors().stream().map(hypervisor -> hypervisor(hypervisor, image)).toList();
    this.virtualMachines =
        cluster.nodes().stream().map(node -> machine(node, hypervisors)).toList();
    registerOutputs(Map.of("sshPublicKey", administrator().publicKeyOpenssh()));
  }

  /** Returns the machines as hosts, in the description's order. */
  public List<Host> hosts() {
    return virtualMachines.stream().map(LibvirtMachine::host).toList();
  }

  /** Returns the private key of the machines' administrator, as a secret. */
  public Output<String> sshPrivateKey() {
    return administrator().privateKeyOpenssh().asSecret();
  }

  /** Returns the machines' host keys as a known_hosts file. */
  public Output<String> knownHosts() {
    return Output.all(virtualMachines.stream().map(LibvirtMachine::knownHostsLine).toList())
        .applyValue(lines -> String.join("", lines));
  }

  /** Returns the key that the stack uses; during a rotation, machines trust a second one. */
  private PrivateKey administrator() {
    return administrators.get(0);
  }

  private PrivateKey administrator(int generation) {
    return new PrivateKey(
        generation == 1 ? "administrator" : "administrator-" + generation,
        PrivateKeyArgs.builder().algorithm("ED25519").build(),
        CustomResourceOptions.builder().parent(this).build());
  }

  private LibvirtHypervisor hypervisor(Machines.Hypervisor hypervisor, Path image) {
    var uri = new LibvirtUri(hypervisor, settings.hypervisorKey(), HYPERVISORS);
    return new LibvirtHypervisor(cluster, hypervisor, uri, image, childOptions());
  }

  private LibvirtMachine machine(Node node, List<LibvirtHypervisor> hypervisors) {
    var hypervisor =
        hypervisors.stream().filter(candidate -> candidate.runs(node)).findFirst().orElseThrow();
    return new LibvirtMachine(cluster, machines, node, hypervisor, administrators, childOptions());
  }

  private ComponentResourceOptions childOptions() {
    return ComponentResourceOptions.builder().parent(this).build();
  }
}
