package ninefold.service;

import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.description.BalancingSettings;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.host.HostRequirements;
import ninefold.host.PreparedHost;
import ninefold.render.Bundle;
import ninefold.render.HeaderKey;
import ninefold.render.TargetFile;
import ninefold.render.Template;
import ninefold.secret.Credentials;

/** Keepalived, which assigns the virtual address to a balancer whose HAProxy serves. */
public final class Keepalived extends ComponentResource {
  /** The VRRP priority of the first balancer; each further one has 1 less. */
  private static final int HIGHEST_PRIORITY = 150;

  /** How long the balancers may take to see the leader and its pool, in seconds. */
  private static final int THROUGH_LIMIT = 120;

  private final Cluster cluster;
  private final Map<String, PreparedHost> hosts;
  private final List<Resource> claims = new ArrayList<>();

  /**
   * Sets up Keepalived on each balancer.
   *
   * @param cluster the cluster
   * @param hosts its prepared machines, by node name
   * @param haproxy what must serve before the address is claimed
   */
  public Keepalived(
      Cluster cluster,
      Map<String, PreparedHost> hosts,
      Haproxy haproxy,
      ComponentResourceOptions options) {
    super("ninefold:service:Keepalived", "keepalived", options);
    this.cluster = cluster;
    this.hosts = hosts;
    // One after the other, so that a balancer always holds the address.
    for (var node : cluster.nodes(Role.BALANCER)) {
      claims.add(
          hosts
              .get(node.name())
              .runStep(
                  "keepalived",
                  bundle(cluster, node),
                  this,
                  Stream.concat(haproxy.balancers().stream(), claims.stream()).toList()));
    }
    registerOutputs(Map.of("virtualAddress", Output.of(cluster.network().virtualAddress())));
  }

  /** Its packages, and what the probe asks PostgreSQL with. */
  public static List<String> packages() {
    return List.of("keepalived", "python3-psycopg2");
  }

  /** What it needs of its machine. */
  public static HostRequirements requirements(Cluster cluster, Node node, Credentials credentials) {
    if (!node.is(Role.BALANCER)) {
      return HostRequirements.NONE;
    }
    return HostRequirements.builder()
        .packages(packages())
        .user("keepalived_script", "/nonexistent")
        .vrrp(
            AllowedSources.nodes(cluster, Role.BALANCER).stream()
                .filter(address -> !address.equals(node.address()))
                .toList())
        .scripts(
            "keepalived",
            "keepalived",
            "keepalived-effective",
            "haproxy-serves",
            "haproxy-reaches-leader")
        .scripts("pgbouncer", "pgbouncer-answers")
        .secrets(List.of(probePassword(credentials)))
        .units("keepalived.service")
        .facts("keepalived", "keepalived", Map.of("address", cluster.network().virtualAddress()))
        .facts(
            "keepalived",
            "path",
            Map.of(
                "address", cluster.network().virtualAddress(),
                "readWrite", cluster.balancing().readWritePort(),
                "readOnly", cluster.balancing().readOnlyPort()))
        .build();
  }

  /**
   * Declares a step on each balancer that waits until a client reaches the leader through the
   * virtual address, up to 120 s.
   *
   * @param after the steps that must be done before
   */
  public void awaitClientPath(List<Resource> after) {
    var all = Stream.concat(claims.stream(), after.stream()).toList();
    var through =
        HeaderKey.THROUGH.of(
            cluster.network().virtualAddress(), cluster.balancing().readWritePort(), THROUGH_LIMIT);
    for (var node : cluster.nodes(Role.BALANCER)) {
      hosts
          .get(node.name())
          .runStep("balancer-ready", new Bundle(List.of(through), List.of()), this, all);
    }
  }

  /** Returns the password with which a balancer logs in through the virtual address as a client. */
  private static TargetFile probePassword(Credentials credentials) {
    return TargetFile.secret(
        "/etc/ninefold/probe.pgpass",
        "root:root",
        credentials
            .password(Databases.PROBE)
            .applyValue(
                password -> "*:*:%s:%s:%s%n".formatted(Databases.OWN, Databases.PROBE, password)));
  }

  private static Bundle bundle(Cluster cluster, Node node) {
    var balancers = cluster.nodes(Role.BALANCER);
    return new Bundle(
            List.of(HeaderKey.ADDRESS.of(node.address())),
            List.of(
                TargetFile.rendered(
                    "/etc/keepalived/keepalived.conf",
                    "keepalived/keepalived.conf.ftl",
                    Map.of(
                        "cluster",
                        cluster,
                        "node",
                        node,
                        "peers",
                        balancers.stream().filter(peer -> !peer.equals(node)).toList(),
                        "priority",
                        HIGHEST_PRIORITY - balancers.indexOf(node),
                        "prefix",
                        cluster.network().range().prefix(),
                        "timings",
                        cluster.failover().timings(),
                        "alivePort",
                        BalancingSettings.ALIVE_PORT)),
                TargetFile.hardening("keepalived.service"),
                TargetFile.worldReadable(
                    "/etc/systemd/system/keepalived.service.d/ninefold.conf",
                    Template.text("keepalived/unit.conf"))))
        .withPinnedVersions("keepalived", cluster.packages().held("keepalived"));
  }
}
