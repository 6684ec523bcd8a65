package ninefold.service;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.pulumi.command.remote.Command;
import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.host.CheckedHost;
import ninefold.host.HostRequirements;
import ninefold.host.PreparedHost;
import ninefold.host.ServiceCertificate;
import ninefold.render.Bundle;
import ninefold.render.HeaderKey;
import ninefold.render.TargetFile;
import ninefold.render.Template;
import ninefold.secret.Credentials;

/** PostgreSQL and Patroni: one node is the leader, and the replicas stream from it. */
public final class Patroni extends ComponentResource {
  /** The service's name in its certificates. */
  static final String SERVICE = "patroni";

  private static final String POSTGRES = "postgres:postgres";

  /** Where data lies; a disk of its own is mounted there. */
  private static final String DISK = Role.POSTGRES.dataDirectory().orElseThrow();

  private final Command configured;

  /**
   * Sets up the members, then brings the settings that Patroni keeps in etcd in step.
   *
   * @param cluster the cluster
   * @param hosts its prepared machines, by node name
   * @param credentials its keys and passwords
   * @param etcd where Patroni keeps who leads
   * @param pgBackRest what tells, before the first leader is made, whether the repository holds
   *     backups of a cluster that was lost
   */
  public Patroni(
      Cluster cluster,
      Map<String, PreparedHost> hosts,
      Credentials credentials,
      Etcd etcd,
      PgBackRest pgBackRest,
      ComponentResourceOptions options) {
    super("ninefold:service:Patroni", "patroni", options);
    var nodes = cluster.nodes(Role.POSTGRES);
    var members = new ArrayList<Command>();
    for (var node : nodes) {
      var after =
          Stream.concat(etcd.members().stream(), pgBackRest.answers(node).stream()).toList();
      members.add(
          hosts
              .get(node.name())
              .runStep("patroni", bundle(cluster, node, credentials), this, after));
    }
    // If a member's step applied a change and this step failed, undoing the change leaves this
    // step's input as it was at its last success. It must run again all the same.
    configured =
        hosts
            .get(nodes.get(0).name())
            .runStepAfter(members, "configuration", configuration(cluster), this);
    registerOutputs(Map.of("scope", Output.of(cluster.name())));
  }

  /**
   * Declares the step that hands the leadership over if the leader is a member that the description
   * no longer has. No node may refuse that member's connections before the step is done.
   *
   * @param hosts the checked machines, in the description's order
   */
  public static Command members(Cluster cluster, List<CheckedHost> hosts) {
    var first = cluster.nodes(Role.POSTGRES).get(0);
    var host =
        hosts.stream().filter(checked -> checked.node().equals(first)).findFirst().orElseThrow();
    return host.runStep(
        "members",
        new Bundle(
            List.of(HeaderKey.SCOPE.of(cluster.name()), HeaderKey.MEMBERS.of(endpoints(cluster))),
            List.of()));
  }

  /** Its packages, and PostgreSQL's. */
  public static List<String> packages(Cluster cluster) {
    var version = cluster.postgresql().version();
    var packages =
        new ArrayList<>(
            List.of(
                "postgresql-" + version,
                "postgresql-client-" + version,
                "patroni",
                "python3-etcd",
                "etcd-client",
                "curl",
                "jq"));
    if (cluster.postgresql().audited()) {
      packages.add("postgresql-" + version + "-pgaudit");
    }
    return List.copyOf(packages);
  }

  /** What PostgreSQL and Patroni need of their machine. */
  public static HostRequirements requirements(Cluster cluster, Node node, Credentials credentials) {
    if (!node.is(Role.POSTGRES)) {
      return HostRequirements.NONE;
    }
    var postgresql = cluster.postgresql();
    return HostRequirements.builder()
        .environment("PATRONI_ENDPOINT", endpoint(cluster, node))
        .environment("PATRONI_NAMESPACE", postgresql.namespace().replaceAll("^/+|/+$", ""))
        .environment("POSTGRES_PORT", String.valueOf(postgresql.port()))
        .environment("POSTGRES_DATA", data(cluster))
        .packages(packages(cluster))
        .port("PostgreSQL", postgresql.port(), AllowedSources.nodes(cluster, Role.POSTGRES))
        .port(
            "Patroni",
            postgresql.patroniPort(),
            AllowedSources.nodes(cluster, Role.POSTGRES, Role.BALANCER))
        .data(data(cluster))
        .settings(KernelSettings.forPostgresql(node, cluster.failover().timings().kernel()))
        .secrets(secrets(node, credentials))
        .scripts(
            "patroni",
            "patroni-api.sh",
            "members",
            "members-hand-over",
            "patroni",
            "patroni-restart",
            "configuration",
            "configuration-restart",
            "configuration-effective",
            "operate",
            "recover",
            "restore-data",
            "pgbackrest-push",
            "clone-from-backup",
            "bootstrap-from-backup",
            "role-changed",
            "load-softdog")
        .scripts(
            "copy",
            "copy_common.py",
            "copy-from-backup",
            "copy-run",
            "copy-load",
            "databases-create")
        .immutable("patroni", birth(cluster, node))
        .units("patroni.service")
        .certificate(
            ServiceCertificate.in(
                "/etc/ninefold/tls/patroni",
                "patroni",
                node.address(),
                postgresql.patroniPort(),
                ServiceCertificate.Protocol.TLS))
        .certificate(
            ServiceCertificate.in(
                "/etc/ninefold/tls/postgresql",
                "postgresql",
                node.address(),
                postgresql.port(),
                ServiceCertificate.Protocol.POSTGRESQL))
        .certificate(
            ServiceCertificate.toNobody("etcd-client", "/etc/ninefold/tls/etcd-client/node.crt"))
        .facts("patroni", "patroni", Map.of("address", endpoint(cluster, node)))
        .facts("patroni", "postgresql", Map.of("port", postgresql.port()))
        .build();
  }

  /** Returns the step after which PostgreSQL runs with the description's settings on all nodes. */
  public Resource configured() {
    return configured;
  }

  /** PostgreSQL's data directory. */
  static String data(Cluster cluster) {
    return DISK + "/" + cluster.postgresql().version() + "/main";
  }

  private static Bundle bundle(Cluster cluster, Node node, Credentials credentials) {
    var model =
        Map.of(
            "cluster", cluster,
            "node", node,
            "etcdNodes", cluster.nodes(Role.ETCD),
            "postgresNodes", cluster.nodes(Role.POSTGRES),
            "restApiCaFile", restApiCaFile(credentials),
            "repositoryPingTimeout",
                cluster.failover().timings().postgresql().repositoryPingTimeout(),
            "repository", cluster.nodes(Role.REPOSITORY).get(0),
            "dataDirectory", data(cluster));
    var unit = Template.text("patroni/unit.conf");
    var parameters = PostgresqlParameters.of(cluster);
    var held = cluster.packages().held("patroni", "postgresql-" + cluster.postgresql().version());
    var fixed =
        List.of(
            HeaderKey.SCOPE.of(cluster.name()),
            // The leader restarts last: its step waits until the others run with this digest.
            HeaderKey.UNIT.of(Bundle.digest(unit + Template.text("host/hardening.conf") + held)),
            HeaderKey.MEMBERS.of(endpoints(cluster)),
            HeaderKey.BORN.of(birth(cluster, node)),
            HeaderKey.DISK.of(DISK),
            HeaderKey.AUDITED.of(parameters.get("shared_preload_libraries").contains("pgaudit")),
            HeaderKey.MAX_WAL_SIZE.of(parameters.get("max_wal_size")),
            HeaderKey.MAX_SLOT_WAL_KEEP_SIZE.of(
                parameters.getOrDefault("max_slot_wal_keep_size", "-1")));
    return new Bundle(
            Stream.of(
                    fixed.stream(),
                    cluster.bootstrap().stream()
                        .map(bootstrap -> HeaderKey.BOOTSTRAP.of(bootstrap.from())),
                    Databases.neededFiles(cluster).stream().map(Output::of))
                .flatMap(lines -> lines)
                .toList(),
            List.of(
                // Steps read these files as root, so the user postgres must not write them.
                TargetFile.rendered(
                    "/etc/patroni/config.d/10-patroni.yml", "patroni/patroni.yml.ftl", model),
                TargetFile.rendered(
                    "/etc/patroni/config.d/20-bootstrap.yml",
                    "patroni/bootstrap.yml.ftl",
                    Map.of(
                        "dynamic", dynamic(cluster).lines().toList(),
                        "bootstrap", cluster.bootstrap())),
                new TargetFile(restApiCaFile(credentials), "root:root", "0644", credentials.ca()),
                Etcd.client(cluster, "/etc/ninefold/patroni-etcd.env", Credentials.ETCD_CLIENT),
                // Debian's unit reads it when Patroni starts. A change restarts nothing.
                TargetFile.worldReadable("/etc/patroni_env.conf", "PGREQUIREPEER=postgres\n"),
                TargetFile.worldReadable(
                    "/etc/ninefold/members", endpoints(cluster).replace(' ', '\n') + "\n"),
                TargetFile.worldReadable(
                    "/etc/systemd/system/ninefold-softdog.service",
                    Template.text("patroni/softdog.service")),
                TargetFile.managed(
                    "/etc/udev/rules.d/60-ninefold-watchdog.rules", "patroni/watchdog.rules"),
                TargetFile.hardening("patroni.service"),
                TargetFile.worldReadable(
                    "/etc/systemd/system/patroni.service.d/ninefold.conf", unit)))
        .withSecretsFingerprint(secrets(node, credentials))
        .withPinnedVersions("patroni", held);
  }

  /** Returns the values that PostgreSQL's data, etcd and the other members depend on. */
  private static String birth(Cluster cluster, Node node) {
    var postgresql = cluster.postgresql();
    return "namespace %s, version %d, at %s, ports %d and %d"
        .formatted(
            postgresql.namespace(),
            postgresql.version(),
            node.address(),
            postgresql.port(),
            postgresql.patroniPort());
  }

  /**
   * Returns the path of the CAs that Patroni's REST API trusts. Patroni reads the file again only
   * if its path changes, so the path contains a fingerprint of the CAs.
   */
  private static String restApiCaFile(Credentials credentials) {
    return "/etc/ninefold/tls/patroni/callers-" + credentials.trustFingerprint() + ".crt";
  }

  /** Returns the address and port of Patroni's REST API on a node. */
  static String endpoint(Cluster cluster, Node node) {
    return node.address() + ":" + cluster.postgresql().patroniPort();
  }

  private static String endpoints(Cluster cluster) {
    return cluster.nodes(Role.POSTGRES).stream()
        .map(node -> endpoint(cluster, node))
        .collect(joining(" "));
  }

  private static Bundle configuration(Cluster cluster) {
    return new Bundle(
        List.of(HeaderKey.SCOPE.of(cluster.name()), HeaderKey.MEMBERS.of(endpoints(cluster))),
        List.of(TargetFile.worldReadable("/var/lib/ninefold/dynamic.yml", dynamic(cluster))));
  }

  /** Returns Patroni's dynamic configuration, which it stores in etcd for all members, as YAML. */
  static String dynamic(Cluster cluster) {
    var parameters = new TreeMap<String, String>();
    PostgresqlParameters.of(cluster).forEach((name, value) -> parameters.put(name, quoted(value)));
    return Template.render(
        "patroni/dynamic.yml.ftl",
        Map.of(
            "cluster", cluster,
            "timings", cluster.failover().timings().patroni(),
            "parameters", parameters));
  }

  private static String quoted(String value) {
    return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(value)) + '"';
  }

  private static List<TargetFile> secrets(Node node, Credentials credentials) {
    var files = new ArrayList<TargetFile>();
    files.addAll(
        credentials
            .peer(node, "postgresql", List.of(), List.of(node.address()))
            .files("/etc/ninefold/tls/postgresql", POSTGRES));
    files.addAll(
        credentials
            // A balancer that has not been updated yet verifies the node's name.
            .peer(node, SERVICE, List.of(node.name()), List.of(node.address()))
            .files("/etc/ninefold/tls/patroni", POSTGRES));
    files.addAll(
        credentials
            .client(node, Credentials.ETCD_CLIENT)
            .files("/etc/ninefold/tls/etcd-client", POSTGRES));
    files.add(
        new TargetFile(
            "/etc/patroni/config.d/15-authentication.yml",
            "root:postgres",
            "0640",
            credentials
                .password(Cluster.PATRONI)
                .applyValue(
                    password ->
                        Template.render(
                            "patroni/authentication.yml.ftl", Map.of("password", password)))));
    return List.copyOf(files);
  }
}
