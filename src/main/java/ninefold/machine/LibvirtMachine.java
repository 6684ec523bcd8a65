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

/** One virtual machine: its disks, what it is told at its first boot, and the domain itself. */
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
   * @param machines what all its machines have in common
   * @param node its part in the cluster
   * @param hypervisor where it runs
   * @param administrators the keys that let the administrator in; the first is the one that is used
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

  /** The machine as services see it. */
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

  /** A line of known_hosts. */
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
            .xml(unreadable())
            .build(),
        hypervisor
            .resourceOptions(this)
            .ignoreChanges("baseVolumeId", "size", "pool", "xml")
            .build());
  }

  /** Data outlives code: no change of the description makes this disk anew. */
  private Volume dataDisk() {
    return new Volume(
        node.name() + "/data-disk",
        VolumeArgs.builder()
            .name(domainName() + "-data.qcow2")
            .pool(hypervisor.pool(node))
            .size((double) node.dataDisk().bytes())
            .format("qcow2")
            .xml(unreadable())
            .build(),
        hypervisor
            .resourceOptions(this)
            .ignoreChanges("size", "pool", "xml")
            .protect(machines.protect())
            .build());
  }

  /**
   * For disks to come: another text of a disk that is there would make it anew, so it is ignored.
   */
  private static VolumeXmlArgs unreadable() {
    return VolumeXmlArgs.builder().xslt(Template.text("machine/volume.xsl")).build();
  }

  /** What counts at the first boot only must not make the machine anew when it changes later. */
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
        // Each of these would cut the machine's power, and all machines' at the same time.
        hypervisor.resourceOptions(this).ignoreChanges("type", "cpu", "vcpu", "memory").build());
  }

  /** The guest sees all that the host's processor has, or all that QEMU can emulate. */
  private String cpu() {
    return switch (machines.domainType()) {
      case KVM -> "host-passthrough";
      case QEMU -> "maximum";
    };
  }

  private String domainName() {
    return cluster.name() + "-" + node.name();
  }

  /** An address from QEMU's range; the same whenever this machine is made. */
  private String macAddress() {
    var digest = Sha256.of(domainName());
    return "52:54:00:%02x:%02x:%02x".formatted(digest[0], digest[1], digest[2]);
  }
}
