package ninefold;

import static java.util.Comparator.comparing;
import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import com.pulumi.command.remote.Command;
import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.Resource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.host.CheckedHost;
import ninefold.host.Host;
import ninefold.host.HostRequirements;
import ninefold.host.PreparedHost;
import ninefold.machine.LibvirtMachines;
import ninefold.secret.Credentials;
import ninefold.service.Databases;
import ninefold.service.Etcd;
import ninefold.service.Haproxy;
import ninefold.service.Keepalived;
import ninefold.service.Patroni;
import ninefold.service.PgBackRest;
import ninefold.service.PgBouncer;
import ninefold.service.Service;

/** The whole cluster: machines, then each service in the order in which it needs the others. */
final class PostgresCluster extends ComponentResource {
  /** Machines of a role that are asked, before anything changes, whether it may. */
  private static final int WITNESSES = 3;

  private final Cluster cluster;
  private final Credentials credentials;
  private final Optional<LibvirtMachines> virtual;

  /**
   * Declares the cluster's resources.
   *
   * @param existing the hosts that exist already; empty if the stack creates its machines
   */
  PostgresCluster(Cluster cluster, StackSettings settings, List<Host> existing) {
    super("ninefold:cluster:PostgresCluster", cluster.name());
    this.cluster = cluster;
    var secrets = settings.secrets();
    this.virtual = virtual(settings);
    this.credentials = new Credentials(cluster, secrets, childOptions());
    Etcd.declareIdentities(cluster, credentials);
    var checked =
        virtual.map(LibvirtMachines::hosts).orElse(existing).stream()
            // Certificates are made in the order of their declaration, and all else waits for etcd.
            .sorted(comparing(host -> !host.node().is(Role.ETCD)))
            .map(this::check)
            .toList();
    var members = Patroni.members(cluster, checked);
    var first = Stream.concat(preflightQuorum(checked), Stream.of(members)).toList();
    var hosts =
        checked.stream()
            .map(host -> new PreparedHost(host, first))
            .collect(toMap(host -> host.node().name(), identity()));

    var etcd = new Etcd(cluster, hosts, credentials, childOptions());
    var pgBackRest = new PgBackRest(cluster, hosts, credentials, childOptions());
    var patroni = new Patroni(cluster, hosts, credentials, etcd, pgBackRest, childOptions());
    var databases = new Databases(cluster, hosts, credentials, patroni, childOptions());
    new PgBouncer(cluster, hosts, credentials, childOptions());
    pgBackRest.stanza(databases.applied());
    var haproxy = new Haproxy(cluster, hosts, credentials, childOptions());
    var keepalived = new Keepalived(cluster, hosts, haproxy, childOptions());
    keepalived.awaitClientPath(databases.applied());
    ClosingVerdict.declare(settings.description(), checked, this);
    registerOutputs(Map.of("name", Output.of(cluster.name())));
  }

  Credentials credentials() {
    return credentials;
  }

  /** Returns the virtual machines that the stack creates; empty if the hosts exist already. */
  Optional<LibvirtMachines> virtual() {
    return virtual;
  }

  private Optional<LibvirtMachines> virtual(StackSettings settings) {
    return cluster.machines() instanceof Machines.Libvirt libvirt
        ? Optional.of(new LibvirtMachines(cluster, libvirt, settings.libvirt(), childOptions()))
        : Optional.empty();
  }

  /**
   * Returns the preflights that must succeed before anything changes. They refuse a change of what
   * a cluster keeps for life, such as its ports. Every node can detect that, so a few are enough
   * and a large cluster need not wait for all.
   */
  private static Stream<Command> preflightQuorum(List<CheckedHost> hosts) {
    return Stream.of(Role.ETCD, Role.POSTGRES)
        .flatMap(role -> hosts.stream().filter(host -> host.node().is(role)).limit(WITNESSES))
        .map(CheckedHost::check)
        .distinct();
  }

  private CheckedHost check(Host host) {
    return new CheckedHost(host, cluster, requirements(host.node()), childOptions());
  }

  /** Combines the requirements of all services on a node. */
  private HostRequirements requirements(Node node) {
    return PreparedHost.requirements(cluster)
        .merge(Service.requirements(cluster, node, credentials));
  }

  private ComponentResourceOptions childOptions() {
    return ComponentResourceOptions.builder().parent((Resource) this).build();
  }
}
