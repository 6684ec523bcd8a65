package ninefold;

import static java.util.Comparator.comparing;
import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;

import com.pulumi.command.remote.Command;
import com.pulumi.core.Output;
import com.pulumi.deployment.Deployment;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.Resource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.host.CheckedHost;
import ninefold.host.Host;
import ninefold.host.HostRequirements;
import ninefold.host.PreparedHost;
import ninefold.host.UnknownPackageException;
import ninefold.machine.ExistingHosts;
import ninefold.machine.LibvirtMachines;
import ninefold.secret.Credentials;
import ninefold.service.Databases;
import ninefold.service.Etcd;
import ninefold.service.Haproxy;
import ninefold.service.Keepalived;
import ninefold.service.Patroni;
import ninefold.service.PgBackRest;
import ninefold.service.PgBouncer;

/** The whole cluster: machines, then each service in the order in which it needs the others. */
final class PostgresCluster extends ComponentResource {
  /** Machines of a role that are asked, before anything changes, whether it may. */
  private static final int WITNESSES = 3;

  private final Cluster cluster;
  private final Credentials credentials;
  private final Optional<LibvirtMachines> virtual;

  /** Given hosts are looked at first: where one can't be reached, nothing is declared at all. */
  PostgresCluster(Cluster cluster, StackSettings settings) {
    this(cluster, settings, given(requireKnownPackages(cluster), settings));
  }

  private PostgresCluster(Cluster cluster, StackSettings settings, List<Host> given) {
    super("ninefold:cluster:PostgresCluster", cluster.name());
    this.cluster = cluster;
    var secrets = settings.secrets();
    this.virtual = virtual(settings);
    this.credentials = new Credentials(cluster, secrets, childOptions());
    Etcd.declareIdentities(cluster, credentials);
    var checked =
        virtual.map(LibvirtMachines::hosts).orElse(given).stream()
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

  /** A version of a package that no machine gets would be held nowhere, without a word. */
  private static Cluster requireKnownPackages(Cluster cluster) {
    UnknownPackageException.requireKnown(
        cluster.packages().versions().keySet(),
        Stream.of(
                PreparedHost.requirements(cluster).packages(),
                Etcd.packages(),
                Patroni.packages(cluster),
                PgBouncer.packages(),
                PgBackRest.packages(),
                Haproxy.packages(),
                Keepalived.packages())
            .flatMap(List::stream)
            .collect(toCollection(TreeSet::new)));
    return cluster;
  }

  /** The hosts that exist already, if the description gives them; each lets in who is to work. */
  private static List<Host> given(Cluster cluster, StackSettings settings) {
    if (!(cluster.machines() instanceof Machines.Given)) {
      return List.of();
    }
    var machines = new ExistingHosts(cluster, settings.sshPrivateKey(), settings.knownHosts());
    var hosts = machines.hosts();
    if (!Deployment.getInstance().isDryRun()) {
      machines.requireLogins();
    }
    return hosts;
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
    return Stream.of(
            Etcd.requirements(cluster, node, credentials),
            Patroni.requirements(cluster, node, credentials),
            PgBouncer.requirements(cluster, node, credentials),
            PgBackRest.requirements(cluster, node, credentials),
            Databases.requirements(cluster, node, credentials),
            Haproxy.requirements(cluster, node, credentials),
            Keepalived.requirements(cluster, node, credentials))
        .reduce(PreparedHost.requirements(cluster), HostRequirements::merge);
  }

  private ComponentResourceOptions childOptions() {
    return ComponentResourceOptions.builder().parent((Resource) this).build();
  }
}
