package ninefold.service;

import static java.util.stream.Collectors.toMap;

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
import ninefold.secret.Identity;

/**
 * The etcd cluster, in which Patroni stores its state, such as the leader's lease.
 *
 * <p>The first members start together and wait for a quorum. A new member joins later, one at a
 * time, under a lock. The steps of the remaining members remove those that the description no
 * longer lists, so a departing member does nothing itself and {@code pulumi destroy} can remove
 * members in any order.
 */
public final class Etcd extends ComponentResource {
  /** The DNS name in the certificates of members; etcd accepts only these as peers. */
  private static final String MEMBER_NAME = "member.etcd";

  /** Below the directory on which a data disk is mounted. */
  private static final String DATA = Role.ETCD.dataDirectory().orElseThrow() + "/ninefold";

  private final List<Resource> members = new ArrayList<>();

  /**
   * Sets up the members.
   *
   * @param cluster the cluster
   * @param hosts its prepared machines, by node name
   * @param credentials its keys
   */
  public Etcd(
      Cluster cluster,
      Map<String, PreparedHost> hosts,
      Credentials credentials,
      ComponentResourceOptions options) {
    super("ninefold:service:Etcd", "etcd", options);
    var bundles =
        cluster.nodes(Role.ETCD).stream()
            .collect(toMap(Node::name, node -> bundle(cluster, node, credentials)));
    // Every host is ready before the first member waits for a quorum.
    var ready =
        cluster.nodes(Role.ETCD).stream()
            .flatMap(node -> hosts.get(node.name()).ready().stream())
            .toList();
    // The leader restarts last: its step waits until the others have applied the same change.
    var change = Bundle.jointDigest(bundles.values());
    for (var node : cluster.nodes(Role.ETCD)) {
      var bundle = bundles.get(node.name()).with(change.applyValue(HeaderKey.CHANGE::line));
      members.add(hosts.get(node.name()).runStep("etcd", bundle, this, ready));
    }
    registerOutputs(Map.of("endpoints", Output.of(endpoints(cluster))));
  }

  /** Its packages. */
  public static List<String> packages() {
    return List.of("etcd-server", "etcd-client");
  }

  /** What a member needs of its machine. */
  public static HostRequirements requirements(Cluster cluster, Node node, Credentials credentials) {
    if (!node.is(Role.ETCD)) {
      return HostRequirements.NONE;
    }
    var etcd = cluster.etcd();
    return HostRequirements.builder()
        .packages(packages())
        .port("etcd", etcd.clientPort(), AllowedSources.nodes(cluster, Role.ETCD, Role.POSTGRES))
        .port("etcd (peers)", etcd.peerPort(), AllowedSources.nodes(cluster, Role.ETCD))
        .data(DATA)
        .secrets(secrets(node, credentials))
        .scripts("etcd", "etcd-members.sh", "etcd", "etcd-join", "etcd-take-out", "etcd-restart")
        .scripts("etcd", "etcd-certificates")
        .immutable("etcd", birth(cluster, node))
        .units("etcd.service")
        .certificate(
            ServiceCertificate.in(
                "/etc/ninefold/tls/etcd",
                "etcd",
                node.address(),
                etcd.clientPort(),
                ServiceCertificate.Protocol.TLS))
        .facts(
            "etcd",
            "etcd",
            Map.of(
                "address", node.address() + ":" + etcd.clientPort(),
                "quota", etcd.quota().bytes(),
                "lock", "/ninefold/" + cluster.name() + "/disruption"))
        .build();
  }

  /** Returns the members' steps, which are done when each is part of a healthy cluster. */
  public List<Resource> members() {
    return List.copyOf(members);
  }

  /** Returns the client URLs of the members. */
  public static List<String> endpoints(Cluster cluster) {
    return cluster.nodes(Role.ETCD).stream()
        .map(node -> "https://" + node.address() + ":" + cluster.etcd().clientPort())
        .toList();
  }

  /**
   * Returns the environment file for etcdctl, which authenticates as one of the node's identities.
   */
  static TargetFile client(Cluster cluster, String path, String identity) {
    return TargetFile.rendered(
        path,
        "etcd/client.env.ftl",
        Map.of(
            "etcdNodes", cluster.nodes(Role.ETCD),
            "etcd", cluster.etcd(),
            "identity", identity));
  }

  private static Bundle bundle(Cluster cluster, Node node, Credentials credentials) {
    return new Bundle(
            List.of(
                HeaderKey.SCOPE.of(cluster.name()),
                HeaderKey.BORN.of(birth(cluster, node)),
                HeaderKey.CALLERS.of(
                    AllowedSources.nodes(cluster, Role.ETCD, Role.POSTGRES).toArray()),
                HeaderKey.GENERATION.of(cluster.etcd().generation())),
            List.of(
                TargetFile.rendered(
                    "/etc/default/etcd",
                    "etcd/etcd.env.ftl",
                    Map.of(
                        "node",
                        node,
                        "etcd",
                        cluster.etcd(),
                        "clusterName",
                        cluster.name(),
                        "dataDirectory",
                        DATA,
                        "memberName",
                        MEMBER_NAME,
                        "timings",
                        cluster.failover().timings().etcd())),
                TargetFile.rendered(
                    "/etc/ninefold/etcd-members.env",
                    "etcd/members.env.ftl",
                    Map.of("etcdNodes", cluster.nodes(Role.ETCD), "etcd", cluster.etcd())),
                client(cluster, "/etc/ninefold/etcd.env", "etcd"),
                certificates(cluster, credentials),
                TargetFile.hardening("etcd.service"),
                TargetFile.worldReadable(
                    "/etc/systemd/system/etcd.service.d/ninefold.conf",
                    Template.text("etcd/unit.conf"))))
        .withSecretsFingerprint(secrets(node, credentials))
        .withPinnedVersions("etcd", cluster.packages().held("etcd-server"));
  }

  /**
   * Declares the identities whose certificates each member's step needs. Pulumi creates them in the
   * order of their declaration, so call this before other services declare theirs.
   */
  public static void declareIdentities(Cluster cluster, Credentials credentials) {
    cluster.nodes(Role.ETCD).forEach(node -> identity(node, credentials));
    cluster.nodes(Role.POSTGRES).forEach(node -> credentials.client(node, Credentials.ETCD_CLIENT));
  }

  /** Returns the values that identify a member to the others, so they cannot change. */
  private static String birth(Cluster cluster, Node node) {
    return "at %s, ports %d and %d"
        .formatted(node.address(), cluster.etcd().clientPort(), cluster.etcd().peerPort());
  }

  private static List<TargetFile> secrets(Node node, Credentials credentials) {
    return identity(node, credentials).files("/etc/ninefold/tls/etcd", "etcd:etcd");
  }

  private static Identity identity(Node node, Credentials credentials) {
    return credentials.peer(
        node,
        Credentials.ETCD,
        List.of(MEMBER_NAME, node.name()),
        List.of(node.address(), "127.0.0.1"));
  }

  /**
   * Returns the file of valid certificates, each after a line with its owner, {@code NODE/SERVICE}.
   * Members refuse the certificates of owners that have left this file, so an owner's name must not
   * change while its certificate is in use.
   */
  private static TargetFile certificates(Cluster cluster, Credentials credentials) {
    var members =
        cluster.nodes(Role.ETCD).stream()
            .map(node -> named(node, Credentials.ETCD, identity(node, credentials)));
    var clients =
        cluster.nodes(Role.POSTGRES).stream()
            .map(
                node ->
                    named(
                        node,
                        Credentials.ETCD_CLIENT,
                        credentials.client(node, Credentials.ETCD_CLIENT)));
    return new TargetFile(
        "/etc/ninefold/etcd-certificates.pem",
        "root:root",
        "0644",
        Output.all(Stream.concat(members, clients).toList())
            .applyValue(texts -> String.join("", texts)));
  }

  private static Output<String> named(Node node, String service, Identity identity) {
    return identity
        .certificate()
        .applyValue(certificate -> node.name() + "/" + service + "\n" + certificate);
  }
}
