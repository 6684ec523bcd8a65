package ninefold.service;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.host.HostRequirements;
import ninefold.secret.Credentials;

/**
 * A service of the cluster, before it is set up: what it installs and what it needs of a machine.
 * {@link #ALL} is the only list of the services. The component of the same name sets the service up
 * on the prepared machines.
 *
 * @param component the name of the service's component in Pulumi
 * @param packages the packages that the service installs in a cluster, on any machine
 * @param requirements what the service needs of each machine
 */
public record Service(
    String component, Function<Cluster, List<String>> packages, Requirements requirements) {

  /**
   * Every service. Machines receive files and packages in this order, so a new service comes last.
   */
  public static final List<Service> ALL =
      List.of(
          new Service("etcd", cluster -> Etcd.packages(), Etcd::requirements),
          new Service("patroni", Patroni::packages, Patroni::requirements),
          new Service("pgbouncer", cluster -> PgBouncer.packages(), PgBouncer::requirements),
          new Service("pgbackrest", cluster -> PgBackRest.packages(), PgBackRest::requirements),
          new Service("databases", cluster -> List.of(), Databases::requirements),
          new Service("haproxy", cluster -> Haproxy.packages(), Haproxy::requirements),
          new Service("keepalived", cluster -> Keepalived.packages(), Keepalived::requirements));

  /** What a service needs of a machine. */
  @FunctionalInterface
  public interface Requirements {
    /** Returns {@link HostRequirements#NONE} for a node without the service's role. */
    HostRequirements of(Cluster cluster, Node node, Credentials credentials);
  }

  /** The packages of all services. */
  public static Stream<String> packages(Cluster cluster) {
    return ALL.stream().flatMap(service -> service.packages.apply(cluster).stream());
  }

  /** What all services together need of a machine. */
  public static HostRequirements requirements(Cluster cluster, Node node, Credentials credentials) {
    return ALL.stream()
        .map(service -> service.requirements.of(cluster, node, credentials))
        .reduce(HostRequirements.NONE, HostRequirements::merge);
  }
}
