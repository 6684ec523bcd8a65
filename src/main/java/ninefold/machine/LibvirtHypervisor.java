package ninefold.machine;

import com.pulumi.core.Output;
import com.pulumi.libvirt.Network;
import com.pulumi.libvirt.NetworkArgs;
import com.pulumi.libvirt.Pool;
import com.pulumi.libvirt.PoolArgs;
import com.pulumi.libvirt.Provider;
import com.pulumi.libvirt.ProviderArgs;
import com.pulumi.libvirt.Volume;
import com.pulumi.libvirt.VolumeArgs;
import com.pulumi.libvirt.inputs.DomainNetworkInterfaceArgs;
import com.pulumi.libvirt.inputs.NetworkDhcpArgs;
import com.pulumi.libvirt.inputs.NetworkXmlArgs;
import com.pulumi.libvirt.inputs.PoolTargetArgs;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.CustomResourceOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.render.Template;

/** A hypervisor and what its machines share: storage pools, the base image and the network. */
final class LibvirtHypervisor extends ComponentResource {
  private final Cluster cluster;
  private final Machines.Hypervisor hypervisor;
  private final Provider provider;
  private final Map<String, Output<String>> pools = new LinkedHashMap<>();
  private final Map<String, Volume> images = new LinkedHashMap<>();
  private final Optional<Network> network;

  /**
   * Declares the shared resources. If the hypervisor has no bridge, it gets an isolated network.
   *
   * @param cluster the cluster
   * @param hypervisor the hypervisor
   * @param uri the URI at which the provider reaches the hypervisor
   * @param image the base image's file
   */
  LibvirtHypervisor(
      Cluster cluster,
      Machines.Hypervisor hypervisor,
      LibvirtUri uri,
      Path image,
      ComponentResourceOptions options) {
    super("ninefold:machine:Hypervisor", hypervisor.name(), options);
    this.cluster = cluster;
    this.hypervisor = hypervisor;
    this.provider =
        new Provider(
            hypervisor.name(),
            ProviderArgs.builder().uri(uri.text()).build(),
            CustomResourceOptions.builder().parent(this).build());
    for (var pool : usedPools()) {
      pools.put(pool.name(), pool.create() ? createPool(pool) : Output.of(pool.name()));
      images.put(pool.name(), image(pool, image));
    }
    this.network = hypervisor.bridge().isPresent() ? Optional.empty() : Optional.of(isolated());
    registerOutputs(Map.of("name", Output.of(hypervisor.name())));
  }

  /** Returns whether the node runs on this hypervisor. */
  boolean runs(Node node) {
    return node.hypervisor().map(hypervisor.name()::equals).orElse(true);
  }

  /** Returns libvirt's name of the pool for the node's disks. */
  Output<String> pool(Node node) {
    return pools.get(poolName(node));
  }

  /** Returns the ID of the volume that is the backing file of the node's system disk. */
  Output<String> image(Node node) {
    return images.get(poolName(node)).volumeId();
  }

  /** Returns an interface in the cluster's network with this MAC address. */
  DomainNetworkInterfaceArgs link(String mac) {
    var link = DomainNetworkInterfaceArgs.builder().mac(mac);
    network.ifPresentOrElse(
        isolated -> link.networkId(isolated.networkId()),
        () -> link.bridge(hypervisor.bridge().orElseThrow()));
    return link.build();
  }

  /**
   * Returns the options of resources on this hypervisor. libvirt's names are fixed, so a
   * replacement deletes the old resource first.
   */
  CustomResourceOptions.Builder resourceOptions(ComponentResource parent) {
    return CustomResourceOptions.builder()
        .parent(parent)
        .provider(provider)
        .deleteBeforeReplace(true);
  }

  private String poolName(Node node) {
    return node.pool().orElse(hypervisor.pools().get(0).name());
  }

  private List<Machines.Pool> usedPools() {
    Set<String> used =
        cluster.nodes().stream().filter(this::runs).map(this::poolName).collect(Collectors.toSet());
    return hypervisor.pools().stream().filter(pool -> used.contains(pool.name())).toList();
  }

  private Output<String> createPool(Machines.Pool pool) {
    var target = PoolTargetArgs.builder().path(pool.path()).build();
    return new Pool(
            qualified(pool.name()),
            PoolArgs.builder().name(pool.name()).type("dir").target(target).build(),
            resourceOptions(this).build())
        .name();
  }

  /** Ignores a new source, because a new image would replace all machines at once. */
  private Volume image(Machines.Pool pool, Path file) {
    return new Volume(
        qualified(pool.name() + "/image"),
        VolumeArgs.builder()
            .name(cluster.name() + "-base.qcow2")
            .pool(pools.get(pool.name()))
            .source(file.toString())
            .format("qcow2")
            .build(),
        resourceOptions(this).ignoreChanges("source").build());
  }

  /** Declares a network without a route; the hypervisor's host has its last address. */
  private Network isolated() {
    var cidr = cluster.network().range();
    var shape =
        Template.render(
            "machine/network.xsl.ftl",
            Map.of("hostAddress", cidr.lastHost(), "prefix", cidr.prefix()));
    return new Network(
        qualified("network"),
        NetworkArgs.builder()
            .name(cluster.name())
            .mode("none")
            .addresses(cidr.toString())
            .dhcp(NetworkDhcpArgs.builder().enabled(false).build())
            .autostart(true)
            .xml(NetworkXmlArgs.builder().xslt(shape).build())
            .build(),
        resourceOptions(this).build());
  }

  private String qualified(String name) {
    return hypervisor.name() + "/" + name;
  }
}
