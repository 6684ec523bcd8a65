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
import ninefold.host.ServiceCertificate;
import ninefold.render.Bundle;
import ninefold.render.HeaderKey;
import ninefold.render.TargetFile;
import ninefold.render.Template;
import ninefold.secret.Credentials;
import ninefold.secret.Identity;

/**
 * HAProxy on the balancers: one port leads to the leader, one to the replicas, and one serves the
 * statistics page.
 */
public final class Haproxy extends ComponentResource {
  /**
   * The time from a client's connection to its first byte, in seconds. A PostgreSQL client sends
   * first, so only the network takes time.
   */
  private static final int SILENCE_LIMIT = 10;

  /** The user of the statistics page. */
  public static final String OPERATOR = "operator";

  /** The client certificate and key for health checks of Patroni. */
  private static final String CHECK_CERTIFICATE = "/etc/ninefold/tls/haproxy/node.pem";

  /** The server certificate and key of the statistics page. */
  private static final String STATISTICS_CERTIFICATE = "/etc/ninefold/tls/statistics/node.pem";

  private final List<Resource> balancers = new ArrayList<>();

  /**
   * Sets up a balancer on each node of that role.
   *
   * @param cluster the cluster
   * @param hosts its prepared machines, by node name
   * @param credentials its keys and passwords
   */
  public Haproxy(
      Cluster cluster,
      Map<String, PreparedHost> hosts,
      Credentials credentials,
      ComponentResourceOptions options) {
    super("ninefold:service:Haproxy", "haproxy", options);
    // One after the other, so that the others serve while one restarts.
    for (var node : cluster.nodes(Role.BALANCER)) {
      balancers.add(
          hosts
              .get(node.name())
              .runStep("haproxy", bundle(cluster, node, credentials), this, balancers));
    }
    registerOutputs(Map.of("readWritePort", Output.of(cluster.balancing().readWritePort())));
  }

  /** Its packages. */
  public static List<String> packages() {
    return List.of("haproxy", "curl");
  }

  /** What a balancer needs of its machine. */
  public static HostRequirements requirements(Cluster cluster, Node node, Credentials credentials) {
    if (!node.is(Role.BALANCER)) {
      return HostRequirements.NONE;
    }
    var balancing = cluster.balancing();
    // A balancer also connects to the virtual address, to test a client's path.
    var clients =
        AllowedSources.both(
            AllowedSources.nodes(cluster, Role.BALANCER), AllowedSources.applications(cluster));
    return HostRequirements.builder()
        .packages(packages())
        .port("HAProxy (read-write)", balancing.readWritePort(), clients)
        .port("HAProxy (read-only)", balancing.readOnlyPort(), clients)
        .port("HAProxy (statistics)", balancing.statisticsPort(), AllowedSources.operators(cluster))
        .port("HAProxy (alive)", BalancingSettings.ALIVE_PORT, List.of())
        .settings(KernelSettings.forBalancer(cluster.failover().timings().kernel()))
        .secrets(secrets(node, credentials))
        .scripts("haproxy", "haproxy", "haproxy-reload", "haproxy-effective", "balancer-ready")
        .scripts("pgbouncer", "pgbouncer-answers")
        .units("haproxy.service")
        .certificate(
            ServiceCertificate.withKey(
                STATISTICS_CERTIFICATE, "statistics", node.address(), balancing.statisticsPort()))
        .certificate(ServiceCertificate.toNobody("haproxy", CHECK_CERTIFICATE))
        .facts(
            "haproxy",
            "haproxy",
            Map.of(
                "address", node.address(),
                "ports", List.of(balancing.readWritePort(), balancing.readOnlyPort())))
        .build();
  }

  /** Returns the balancers' steps, which are done when each HAProxy serves. */
  public List<Resource> balancers() {
    return List.copyOf(balancers);
  }

  private static Bundle bundle(Cluster cluster, Node node, Credentials credentials) {
    var limits = ConnectionLimits.of(cluster);
    return new Bundle(
            Stream.concat(
                    Stream.of(
                        HeaderKey.ALIVE.line(BalancingSettings.ALIVE_PORT),
                        HeaderKey.PORTS.line(
                            cluster.balancing().readWritePort(),
                            cluster.balancing().readOnlyPort(),
                            cluster.balancing().statisticsPort())),
                    cluster.nodes(Role.POSTGRES).stream()
                        .map(
                            postgres ->
                                HeaderKey.PATRONI.line(
                                    Identity.called(postgres, Patroni.SERVICE),
                                    Patroni.endpoint(cluster, postgres))))
                .map(Output::of)
                .toList(),
            List.of(
                TargetFile.rendered(
                    "/etc/haproxy/haproxy.cfg",
                    "haproxy/haproxy.cfg.ftl",
                    Map.of(
                        "cluster",
                        cluster,
                        "postgresNodes",
                        cluster.nodes(Role.POSTGRES),
                        "healthCheck",
                        cluster.failover().timings().healthCheck(),
                        "limits",
                        limits,
                        "silenceLimit",
                        SILENCE_LIMIT,
                        "alivePort",
                        BalancingSettings.ALIVE_PORT)),
                TargetFile.hardening("haproxy.service"),
                TargetFile.withoutHeader(
                    "/etc/systemd/system/haproxy.service.d/ninefold.conf",
                    "haproxy/unit.conf.ftl",
                    Map.of("fileLimit", limits.files()))))
        .withSecretsFingerprint(secrets(node, credentials))
        .withPinnedVersions("haproxy", cluster.packages().held("haproxy"));
  }

  private static List<TargetFile> secrets(Node node, Credentials credentials) {
    // HAProxy's master reads these files as root, and the workers that clients talk to keep the
    // keys in memory. So that a stolen key helps nobody to impersonate the cluster, no certificate
    // contains an address that clients connect to.
    var checks = credentials.client(node, "haproxy");
    var page = credentials.server(node, "statistics", List.of(), List.of());
    return List.of(
        new TargetFile("/etc/ninefold/tls/haproxy/ca.crt", "root:root", "0644", checks.authority()),
        TargetFile.secret(CHECK_CERTIFICATE, "root:root", checks.pem()),
        TargetFile.secret(STATISTICS_CERTIFICATE, "root:root", page.pem()),
        TargetFile.secret(
            "/etc/haproxy/operators.cfg",
            "root:root",
            credentials
                .password(Cluster.STATISTICS)
                .applyValue(
                    password ->
                        Template.render(
                            "haproxy/operators.cfg.ftl",
                            Map.of("user", OPERATOR, "password", password)))));
  }
}
