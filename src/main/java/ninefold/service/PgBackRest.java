package ninefold.service;

import static java.util.stream.Collectors.joining;

import com.pulumi.command.remote.Command;
import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.description.Bootstrap;
import ninefold.description.Cluster;
import ninefold.description.FullArchiveQueue;
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
 * pgBackRest, for backups and archived WAL: a TLS server on the repository and all database nodes.
 */
public final class PgBackRest extends ComponentResource {
  private static final String CONFIGURATION = "/etc/pgbackrest/pgbackrest.conf";
  private static final String DATA = Role.REPOSITORY.dataDirectory().orElseThrow();
  private static final String TLS = "/etc/ninefold/tls/pgbackrest";
  private static final String INCREMENTAL = "pgbackrest-incr.timer";

  /**
   * The server's copies of the key and certificate on a database node, where the commands run as a
   * different user.
   */
  private static final String SERVER_TLS = "/etc/ninefold/tls/pgbackrest-server";

  /** The user of the servers. */
  private static final String SERVER = "pgbackrest";

  private final Map<String, PreparedHost> hosts;
  private final Cluster cluster;
  private final Map<String, Resource> servers = new LinkedHashMap<>();

  /**
   * Sets up the servers.
   *
   * @param cluster the cluster
   * @param hosts its prepared machines, by node name
   * @param credentials its keys and passwords
   */
  public PgBackRest(
      Cluster cluster,
      Map<String, PreparedHost> hosts,
      Credentials credentials,
      ComponentResourceOptions options) {
    super("ninefold:service:PgBackRest", "pgbackrest", options);
    this.hosts = hosts;
    this.cluster = cluster;
    // The repository is first: each database node's step tests its connection to that server.
    var repository = repository(cluster);
    var repositoryServer = server(repository, credentials, List.of());
    servers.put(repository.name(), repositoryServer);
    for (var node : cluster.nodes(Role.POSTGRES)) {
      servers.put(node.name(), server(node, credentials, List.of(repositoryServer)));
    }
    registerOutputs(Map.of("stanza", Output.of(cluster.stanza())));
  }

  private Command server(Node node, Credentials credentials, List<Resource> after) {
    return hosts
        .get(node.name())
        .runStep("pgbackrest", bundle(cluster, node, credentials), this, after);
  }

  /**
   * Declares the step that creates the stanza and takes the first backup from the leader.
   *
   * @param after the steps that must be done before; among them, that of a leader
   */
  public void stanza(List<Resource> after) {
    var described =
        Stream.of(
            HeaderKey.STANZA.of(cluster.stanza()),
            // With a new node, the step checks again that every node can be backed up.
            HeaderKey.NODES.of(addresses(cluster).toArray()));
    var header = Stream.concat(described, bootstrap()).toList();
    var bundle =
        new Bundle(
            header,
            List.of(TargetFile.worldReadable("/var/lib/ninefold/stanza", cluster.stanza() + "\n")));
    hosts
        .get(repository(cluster).name())
        .runStep(
            "stanza",
            bundle,
            this,
            Stream.concat(servers.values().stream(), after.stream()).toList());
  }

  /**
   * Returns lines that make the step {@code stanza} run again after the database machines were
   * replaced: the cluster that was created from backups needs a backup of its own history.
   */
  private Stream<Output<String>> bootstrap() {
    return cluster.bootstrap().stream()
        .flatMap(
            bootstrap ->
                Stream.concat(
                    Stream.of(HeaderKey.BOOTSTRAP.of(bootstrap.from())),
                    cluster.nodes(Role.POSTGRES).stream()
                        .map(node -> hosts.get(node.name()).identity())));
  }

  /** Returns the steps after which a database node can list the repository's backups. */
  List<Resource> answers(Node node) {
    return List.of(servers.get(node.name()), servers.get(repository(cluster).name()));
  }

  /** Its packages. */
  public static List<String> packages() {
    return List.of("pgbackrest");
  }

  /** What pgBackRest needs of its machine. */
  public static HostRequirements requirements(Cluster cluster, Node node, Credentials credentials) {
    if (!node.is(Role.POSTGRES) && !node.is(Role.REPOSITORY)) {
      return HostRequirements.NONE;
    }
    var repository = node.is(Role.REPOSITORY);
    var requirements =
        HostRequirements.builder()
            .environment("STANZA", cluster.stanza())
            .environment("REPOSITORY", repository(cluster).address())
            .packages(packages())
            .port(
                "pgBackRest",
                cluster.backup().port(),
                AllowedSources.nodes(cluster, repository ? Role.POSTGRES : Role.REPOSITORY))
            .secrets(secrets(node, credentials))
            .scripts("pgbackrest", "pgbackrest", "stanza")
            .units("pgbackrest.service")
            .certificate(
                ServiceCertificate.in(
                    repository ? TLS : SERVER_TLS,
                    "pgbackrest",
                    node.address(),
                    cluster.backup().port(),
                    ServiceCertificate.Protocol.TLS));
    if (repository) {
      requirements
          .user(SERVER, DATA)
          .data(DATA)
          .scripts("pgbackrest", "pgbackrest-keep", "pgbackrest-gaps")
          .scripts("pgbackrest", "pgbackrest-backup", "backup-now", "backup_retention.py")
          .scripts("pgbackrest", "restore-backup")
          .units(
              "pgbackrest-full.timer",
              "pgbackrest-diff.timer",
              "pgbackrest-keep.timer",
              "pgbackrest-gaps.timer")
          .facts("pgbackrest", "backups", Map.of("stanza", cluster.stanza()));
      cluster.backup().incremental().ifPresent(when -> requirements.units(INCREMENTAL));
    } else {
      requirements
          .user(SERVER, "/nonexistent")
          .scripts("pgbackrest", "deliver-wal")
          .units("ninefold-deliver-wal.timer");
    }
    return requirements.build();
  }

  private static List<String> addresses(Cluster cluster) {
    return cluster.nodes(Role.POSTGRES).stream().map(Node::address).toList();
  }

  private static Node repository(Cluster cluster) {
    return cluster.nodes(Role.REPOSITORY).get(0);
  }

  /** Returns the user of pgBackRest's commands; on a database node, PostgreSQL runs them. */
  private static String user(Node node) {
    return node.is(Role.REPOSITORY) ? SERVER : "postgres";
  }

  private static String server(Node node) {
    return Template.text(
        node.is(Role.REPOSITORY)
            ? "pgbackrest/repository-server.conf"
            : "pgbackrest/database-server.conf");
  }

  private static Bundle bundle(Cluster cluster, Node node, Credentials credentials) {
    var files = new ArrayList<TargetFile>();
    files.add(configuration(cluster, node));
    files.add(TargetFile.hardening("pgbackrest.service"));
    files.add(
        TargetFile.worldReadable(
            "/etc/systemd/system/pgbackrest.service.d/ninefold.conf", server(node)));
    files.addAll(node.is(Role.REPOSITORY) ? schedule(cluster) : delivery());
    return new Bundle(header(cluster, node), List.copyOf(files))
        .withSecretsFingerprint(secrets(node, credentials))
        .withPinnedVersions("pgbackrest", cluster.packages().held("pgbackrest"));
  }

  private static List<Output<String>> header(Cluster cluster, Node node) {
    var lines = new ArrayList<Output<String>>();
    lines.add(HeaderKey.SERVER.of(user(node), node.address(), cluster.backup().port()));
    if (!node.is(Role.REPOSITORY)) {
      lines.add(HeaderKey.DISK.of(Role.POSTGRES.dataDirectory().orElseThrow()));
      cluster
          .backup()
          .archiveQueue()
          .ifPresent(limit -> lines.add(HeaderKey.ARCHIVE_QUEUE.of(limit.mebibytes())));
    }
    return List.copyOf(lines);
  }

  /** Returns the units that archive what a former leader has not delivered. */
  private static List<TargetFile> delivery() {
    return List.of(
        unit("ninefold-deliver-wal.service", Template.text("pgbackrest/deliver-wal.service")),
        unit("ninefold-deliver-wal.timer", Template.text("pgbackrest/deliver-wal.timer")));
  }

  /** A unit that contains the hardening itself: a new drop-in would restart pgBackRest's server. */
  private static TargetFile unit(String name, String text) {
    return TargetFile.worldReadable(
        "/etc/systemd/system/" + name,
        name.endsWith(".service") ? text + Template.text("host/hardening.conf") : text);
  }

  private static TargetFile configuration(Cluster cluster, Node node) {
    var model =
        Map.of(
            "cluster", cluster,
            "node", node,
            "repository", repository(cluster),
            "postgresNodes", cluster.nodes(Role.POSTGRES),
            "stanzas", stanzas(cluster),
            "dataDirectory", Patroni.data(cluster),
            "processes", Math.max(1, Math.min(8, node.cpus() / 2)),
            "archiveProcesses", Math.max(2, Math.min(4, node.cpus() / 4)),
            "dropsWal", cluster.backup().fullArchiveQueue() == FullArchiveQueue.DROP);
    return TargetFile.rendered(
        CONFIGURATION,
        node.is(Role.REPOSITORY) ? "pgbackrest/repository.conf.ftl" : "pgbackrest/client.conf.ftl",
        model);
  }

  /**
   * Returns the stanzas that database nodes may read: their own, and the one they are made from.
   */
  private static String stanzas(Cluster cluster) {
    return Stream.concat(
            Stream.of(cluster.stanza()), cluster.bootstrap().map(Bootstrap::from).stream())
        .distinct()
        .collect(joining(","));
  }

  private static List<TargetFile> schedule(Cluster cluster) {
    var files = new ArrayList<>(backups(cluster));
    cluster
        .backup()
        .incremental()
        .ifPresent(incremental -> files.add(timer(cluster, "incr", incremental)));
    return List.copyOf(files);
  }

  private static List<TargetFile> backups(Cluster cluster) {
    return List.of(
        TargetFile.withoutHeader(
            "/etc/pgbackrest/backup.json",
            "pgbackrest/backup.json.ftl",
            Map.of("cluster", cluster, "postgresNodes", cluster.nodes(Role.POSTGRES))),
        TargetFile.hardening("pgbackrest-backup@.service"),
        TargetFile.withoutHeader(
            "/etc/systemd/system/pgbackrest-backup@.service",
            "pgbackrest/backup.service.ftl",
            Map.of("cluster", cluster)),
        timer(cluster, "full", cluster.backup().full()),
        timer(cluster, "diff", cluster.backup().differential()),
        TargetFile.hardening("pgbackrest-keep.service"),
        TargetFile.withoutHeader(
            "/etc/systemd/system/pgbackrest-keep.service",
            "pgbackrest/keep.service.ftl",
            Map.of("days", cluster.backup().keepDeleted().toDays())),
        TargetFile.worldReadable(
            "/etc/systemd/system/pgbackrest-keep.timer", Template.text("pgbackrest/keep.timer")),
        unit(
            "pgbackrest-gaps.service",
            Template.render("pgbackrest/gaps.service.ftl", Map.of("cluster", cluster))),
        unit("pgbackrest-gaps.timer", Template.text("pgbackrest/gaps.timer")));
  }

  private static TargetFile timer(Cluster cluster, String type, String when) {
    return TargetFile.withoutHeader(
        "/etc/systemd/system/pgbackrest-" + type + ".timer",
        "pgbackrest/backup.timer.ftl",
        Map.of("cluster", cluster, "type", type, "when", when));
  }

  private static List<TargetFile> secrets(Node node, Credentials credentials) {
    var owner = user(node) + ":" + user(node);
    var identity =
        credentials.peer(node, Credentials.PGBACKREST, List.of(), List.of(node.address()));
    var files = new ArrayList<>(identity.files(TLS, owner));
    if (!node.is(Role.REPOSITORY)) {
      files.addAll(identity.files(SERVER_TLS, SERVER + ":" + SERVER));
    } else {
      files.add(
          TargetFile.secret(
              "/etc/pgbackrest/conf.d/passphrase.conf",
              owner,
              credentials
                  .password(Credentials.BACKUP)
                  .applyValue(
                      passphrase ->
                          Template.render(
                              "pgbackrest/passphrase.conf.ftl",
                              Map.of("passphrase", passphrase)))));
    }
    return List.copyOf(files);
  }
}
