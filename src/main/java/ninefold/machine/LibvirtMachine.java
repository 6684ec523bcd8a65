package ninefold.machine;

import com.pulumi.core.Output;
import com.pulumi.libvirt.CloudinitDisk;
import com.pulumi.libvirt.CloudinitDiskArgs;
import com.pulumi.libvirt.Domain;
import com.pulumi.libvirt.DomainArgs;
import com.pulumi.libvirt.Volume;
import com.pulumi.libvirt.VolumeArgs;
import com.pulumi.libvirt.inputs.DomainConsoleArgs;
import com.pulumi.libvirt.inputs.DomainCpuArgs;
import com.pulumi.libvirt.inputs.DomainDiskArgs;
import com.pulumi.libvirt.inputs.DomainXmlArgs;
import com.pulumi.libvirt.inputs.VolumeXmlArgs;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.tls.PrivateKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.digest.Sha256;
import ninefold.host.Host;
import ninefold.host.WipeScope;
import ninefold.pulumi.PulumiOutputs;
import ninefold.render.Template;
import ninefold.ssh.Connections;

/** A virtual machine: its disks, its cloud-init disk and its domain. */
final class LibvirtMachine extends ComponentResource {
  private final Cluster cluster;
  private final Machines.Libvirt machines;
  private final Node node;
  private final LibvirtHypervisor hypervisor;
  private final PrivateKey administrator;
  private final List<PrivateKey> administrators;
  private final List<LibvirtHostKey> hostKeys;
  private final Domain domain;

  /**
   * Declares the machine.
   *
   * @param cluster the cluster
   * @param machines the settings of all virtual machines
   * @param node the machine's node
   * @param hypervisor the hypervisor on which it runs
   * @param administrators the keys that may log in as the administrator; the first is the one that
   *     the stack uses
   */
  LibvirtMachine(
      Cluster cluster,
      Machines.Libvirt machines,
      Node node,
      LibvirtHypervisor hypervisor,
      List<PrivateKey> administrators,
      ComponentResourceOptions options) {
    super("ninefold:machine:LibvirtMachine", node.name(), options);
    this.cluster = cluster;
    this.machines = machines;
    this.node = node;
    this.hypervisor = hypervisor;
    this.administrator = administrators.get(0);
    this.administrators = administrators;
    this.hostKeys =
        IntStream.of(machines.hostKeys(), machines.hostKeysAlsoShown().orElse(0))
            .filter(generation -> generation > 0)
            .mapToObj(generation -> new LibvirtHostKey(node, generation, this))
            .toList();
    this.domain = domain(disks(), firstBoot());
    registerOutputs(Map.of("address", Output.of(node.address())));
  }

  /** Returns the machine as a host. */
  Host host() {
    var connection =
        Connections.to(
            cluster.access(), node, hostKeyPublic(), administrator.privateKeyOpenssh().asSecret());
    var identity = domain.domainId().applyValue(id -> id + " generation " + node.generation());
    var authorized = administrators.stream().map(LibvirtMachine::publicKey).toList();
    return new Host(
        node,
        connection,
        identity,
        false,
        WipeScope.NOTHING,
        List.of(domain),
        authorized,
        LibvirtHostKey.shown(hostKeys, cluster.access().port()));
  }

  /** Returns the machine's line of a known_hosts file. */
  Output<String> knownHostsLine() {
    return hostKeyPublic().applyValue(key -> node.address() + " " + key + "\n");
  }

  private Output<String> hostKeyPublic() {
    return hostKeys.get(0).publicText();
  }

  private static Output<String> publicKey(PrivateKey key) {
    return PulumiOutputs.orEmpty(key.publicKeyOpenssh()).applyValue(String::strip);
  }

  private List<DomainDiskArgs> disks() {
    var disks = new ArrayList<DomainDiskArgs>();
    disks.add(disk(systemDisk()));
    if (!LibvirtFirstBoot.dataDirectories(node).isEmpty()) {
      disks.add(disk(dataDisk()));
    }
    return disks;
  }

  private static DomainDiskArgs disk(Volume volume) {
    return DomainDiskArgs.builder().volumeId(volume.volumeId()).build();
  }

  private Volume systemDisk() {
    return new Volume(
        node.name() + "/system-disk",
        VolumeArgs.builder()
            .name(domainName() + "-system.qcow2")
            .pool(hypervisor.pool(node))
            .baseVolumeId(hypervisor.image(node))
            .size((double) node.disk().bytes())
            .format("qcow2")
            .xml(permissions())
            .build(),
        hypervisor
            .resourceOptions(this)
            .ignoreChanges("baseVolumeId", "size", "pool", "xml")
            .build());
  }

  /** No change of the description may replace this disk, because it holds the data. */
  private Volume dataDisk() {
    return new Volume(
        node.name() + "/data-disk",
        VolumeArgs.builder()
            .name(domainName() + "-data.qcow2")
            .pool(hypervisor.pool(node))
            .size((double) node.dataDisk().bytes())
            .format("qcow2")
            .xml(permissions())
            .build(),
        hypervisor
            .resourceOptions(this)
            .ignoreChanges("size", "pool", "xml")
            .protect(machines.protect())
            .build());
  }

  /**
   * Returns the stylesheet that makes a disk's file unreadable for other users. A change of it is
   * ignored for existing disks, because it would replace them.
   */
  private static VolumeXmlArgs permissions() {
    return VolumeXmlArgs.builder().xslt(Template.text("machine/volume.xsl")).build();
  }

  /** Ignores later changes: only the first boot reads this disk, and they would replace the VM. */
  private CloudinitDisk firstBoot() {
    var texts = new LibvirtFirstBoot(cluster, machines, node, macAddress());
    var userData =
        Output.tuple(
                PulumiOutputs.orEmpty(administrator.publicKeyOpenssh()),
                hostKeys.get(0).privateText(),
                hostKeys.get(0).publicText())
            .applyValue(keys -> texts.userData(keys.t1, hostKeys.get(0).type(), keys.t2, keys.t3))
            .asSecret();
    return new CloudinitDisk(
        node.name() + "/first-boot",
        CloudinitDiskArgs.builder()
            .name(domainName() + "-first-boot.iso")
            .pool(hypervisor.pool(node))
            .metaData(texts.metaData())
            .networkConfig(texts.networkConfig())
            .userData(userData)
            .build(),
        hypervisor
            .resourceOptions(this)
            .ignoreChanges("metaData", "networkConfig", "userData", "pool")
            .build());
  }

  private Domain domain(List<DomainDiskArgs> disks, CloudinitDisk firstBoot) {
    var console = DomainConsoleArgs.builder().type("pty").targetType("serial").targetPort("0");
    return new Domain(
        node.name() + "/domain",
        DomainArgs.builder()
            .name(domainName())
            .description("Node " + node.name() + " of cluster " + cluster.name())
            .type(machines.domainType().word())
            .cpu(DomainCpuArgs.builder().mode(cpu()).build())
            .vcpu((double) node.cpus())
            .memory((double) node.memory().mebibytes())
            .autostart(true)
            .disks(disks)
            .cloudinit(firstBoot.cloudinitDiskId())
            .networkInterfaces(hypervisor.link(macAddress()))
            .consoles(console.build())
            .xml(DomainXmlArgs.builder().xslt(Template.text("machine/domain.xsl")).build())
            .build(),
        // A change of one of these would power off all machines at the same time.
        hypervisor.resourceOptions(this).ignoreChanges("type", "cpu", "vcpu", "memory").build());
  }

  /** Returns the CPU mode: all features of the host's processor, or all that QEMU emulates. */
  private String cpu() {
    return switch (machines.domainType()) {
      case KVM -> "host-passthrough";
      case QEMU -> "maximum";
    };
  }

  private String domainName() {
    return cluster.name() + "-" + node.name();
  }

  /**
   * Returns a MAC address from QEMU's range, 52:54:00. It depends on the names of the cluster and
   * the node only, so a replaced machine keeps it.
   */
  private String macAddress() {
    var digest = Sha256.of(domainName());
    return "52:54:00:%02x:%02x:%02x".formatted(digest[0], digest[1], digest[2]);
  }
}
