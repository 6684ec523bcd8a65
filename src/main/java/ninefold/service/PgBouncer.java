package ninefold.service;

import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

/**
 * PgBouncer on each database node, and its watch, which restarts a pool that does not answer or
 * hands the leadership over.
 */
public final class PgBouncer extends ComponentResource {
  private static final String OWNER = "pgbouncer:pgbouncer";
  private static final String LOGIN = "/etc/ninefold/tls/pgbouncer";
  private static final String POOL = "/etc/ninefold/tls/pool";

  private final List<Resource> pools = new ArrayList<>();

  /**
   * Sets up a pool on each database node.
   *
   * @param cluster the cluster
   * @param hosts its prepared machines, by node name
   * @param credentials its keys and passwords
   */
  public PgBouncer(
      Cluster cluster,
      Map<String, PreparedHost> hosts,
      Credentials credentials,
      ComponentResourceOptions options) {
    super("ninefold:service:PgBouncer", "pgbouncer", options);
    // One after the other, so that the others serve while one restarts.
    for (var node : cluster.nodes(Role.POSTGRES)) {
      pools.add(
          hosts
              .get(node.name())
              .runStep("pgbouncer", bundle(cluster, node, credentials), this, pools));
    }
    registerOutputs(Map.of("port", Output.of(cluster.pooling().port())));
  }

  /** Its packages. */
  public static List<String> packages() {
    return List.of("pgbouncer");
  }

  /** What a pool needs of its machine. */
  public static HostRequirements requirements(Cluster cluster, Node node, Credentials credentials) {
    if (!node.is(Role.POSTGRES)) {
      return HostRequirements.NONE;
    }
    return HostRequirements.builder()
        .packages(packages())
        .user("pgbouncer", "/run/pgbouncer")
        .port(
            "PgBouncer",
            cluster.pooling().port(),
            AllowedSources.both(
                AllowedSources.nodes(cluster, Role.POSTGRES, Role.BALANCER),
                AllowedSources.applications(cluster)))
        .secrets(secrets(cluster, node, credentials))
        .scripts("pgbouncer", "pgbouncer", "pgbouncer-effective", "pgbouncer-answers")
        .units("pgbouncer.service", "pgbouncer-watch.service", "pgbouncer-hand-over.socket")
        .certificate(
            ServiceCertificate.in(
                POOL,
                "pool",
                node.address(),
                cluster.pooling().port(),
                ServiceCertificate.Protocol.POSTGRESQL))
        .certificate(ServiceCertificate.toNobody("pgbouncer", LOGIN + "/node.crt"))
        .facts("pgbouncer", "pgbouncer", Map.of("port", cluster.pooling().port()))
        .build();
  }

  private static Bundle bundle(Cluster cluster, Node node, Credentials credentials) {
    Map<String, ?> model =
        Map.of(
            "cluster",
            cluster,
            "node",
            node,
            "others",
            cluster.nodes(Role.POSTGRES).stream().filter(other -> !other.equals(node)).toList(),
            "timings",
            cluster.failover().timings().pooler(),
            "answerWithin",
            cluster.failover().timings().healthCheck().timeout());
    return new Bundle(
            List.of(HeaderKey.LISTEN.of(node.address(), cluster.pooling().port())),
            List.of(
                TargetFile.rendered(
                    "/etc/pgbouncer/pgbouncer.ini", "pgbouncer/pgbouncer.ini.ftl", model),
                TargetFile.hardening("pgbouncer.service"),
                TargetFile.hardening("pgbouncer-watch.service"),
                TargetFile.worldReadable(
                    "/etc/systemd/system/pgbouncer.service.d/ninefold.conf",
                    Template.text("pgbouncer/unit.conf")),
                TargetFile.program(
                    "/usr/local/lib/ninefold/pgbouncer-watch",
                    Template.script("pgbouncer/pgbouncer-watch")),
                TargetFile.withoutHeader(
                    "/etc/ninefold/pgbouncer-watch.json", "pgbouncer/watch.json.ftl", model),
                TargetFile.worldReadable(
                    "/etc/systemd/system/pgbouncer-watch.service",
                    Template.text("pgbouncer/watch.service")),
                TargetFile.worldReadable(
                    "/usr/local/lib/ninefold/pgbouncer_asking.py",
                    Template.script("pgbouncer/pgbouncer_asking.py")),
                TargetFile.program(
                    "/usr/local/lib/ninefold/pgbouncer-hand-over",
                    Template.script("pgbouncer/pgbouncer-hand-over")),
                TargetFile.worldReadable(
                    "/etc/systemd/system/pgbouncer-hand-over.socket",
                    Template.text("pgbouncer/hand-over.socket")),
                // The hardening is part of the unit: a new or changed drop-in restarts PgBouncer.
                TargetFile.worldReadable(
                    "/etc/systemd/system/pgbouncer-hand-over@.service",
                    Template.text("pgbouncer/hand-over.service")
                        + Template.text("host/hardening.conf"))))
        .withSecretsFingerprint(secrets(cluster, node, credentials))
        .withPinnedVersions("pgbouncer", cluster.packages().held("pgbouncer"));
  }

  /**
   * Returns the client certificate with which a pool logs in to PostgreSQL, and the server
   * certificate that it shows to clients. Clients verify the address that they connect to: a
   * balancer's, the virtual one, one of {@code network.names}, or, with the URLs of several hosts,
   * the node's own. The server certificate contains all of them.
   */
  private static List<TargetFile> secrets(Cluster cluster, Node node, Credentials credentials) {
    var names = cluster.network().names();
    var addresses =
        Stream.of(
                Stream.of(node.address(), cluster.network().virtualAddress()),
                cluster.nodes(Role.BALANCER).stream().map(Node::address))
            .flatMap(all -> all)
            .toList();
    return Stream.concat(
            credentials.client(node, "pgbouncer").files(LOGIN, OWNER).stream(),
            credentials.server(node, "pool", names, addresses).files(POOL, OWNER).stream())
        .toList();
  }
}
