package ninefold.service;

import static java.util.stream.Collectors.joining;

import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.ClusterRole;
import ninefold.description.Database;
import ninefold.description.Node;
import ninefold.description.QuotedListValue;
import ninefold.description.Role;
import ninefold.host.HostRequirements;
import ninefold.host.PreparedHost;
import ninefold.render.Bundle;
import ninefold.render.HeaderKey;
import ninefold.render.TargetFile;
import ninefold.render.Template;
import ninefold.secret.Credentials;

/** PostgreSQL's roles and databases: those of the cluster itself and those of applications. */
public final class Databases extends ComponentResource {
  /** The cluster's own database, which contains no data. */
  static final String OWN = Cluster.OWN_DATABASE;

  /** The role of the probe, which follows a client's path to the leader. It owns nothing. */
  static final String PROBE = ClusterRole.PROBE.roleName();

  private static final int PROBE_CONNECTIONS = 20;

  private static final String POSTGRES = "postgres";
  private static final String SUPERUSER = "postgres";
  private static final String PGAUDIT = "pgaudit";

  private final List<Resource> applied = new ArrayList<>();

  /**
   * Declares a step on each database node. The leader's step creates the roles and databases. The
   * other steps wait until these are replicated.
   *
   * @param cluster the cluster
   * @param hosts its prepared machines, by node name
   * @param credentials its passwords
   * @param patroni its members; they must have a leader, and an extension may need a library that
   *     they load
   */
  public Databases(
      Cluster cluster,
      Map<String, PreparedHost> hosts,
      Credentials credentials,
      Patroni patroni,
      ComponentResourceOptions options) {
    super("ninefold:service:Databases", "databases", options);
    var files =
        Bundle.of(
            List.of(
                TargetFile.worldReadable("/etc/ninefold/sql/databases.sql", statements(cluster))));
    var change =
        Bundle.jointDigest(List.of(files, Bundle.of(List.of(roles(cluster, credentials)))));
    for (var node : cluster.nodes(Role.POSTGRES)) {
      applied.add(
          hosts
              .get(node.name())
              .runStep(
                  "databases",
                  files.with(change.applyValue(HeaderKey.CHANGE::line)),
                  this,
                  List.of(patroni.configured())));
    }
    registerOutputs(
        Map.of("names", Output.of(cluster.databases().stream().map(Database::name).toList())));
  }

  /** The file with the roles' verifiers is on each database node, because each may lead. */
  public static HostRequirements requirements(Cluster cluster, Node node, Credentials credentials) {
    if (!node.is(Role.POSTGRES)) {
      return HostRequirements.NONE;
    }
    return HostRequirements.builder()
        .secrets(List.of(roles(cluster, credentials)))
        .scripts("databases", "databases")
        .build();
  }

  /** Returns the steps, which are done when each node has all roles and databases. */
  public List<Resource> applied() {
    return List.copyOf(applied);
  }

  /**
   * Returns header lines with the files that the databases need on each node that may lead: a line
   * with the locales, and a line with the names of the extensions and the folder of their control
   * files. The second is left out if {@code extension_control_path} (PostgreSQL 18) names other
   * folders.
   */
  static List<String> neededFiles(Cluster cluster) {
    var databases = cluster.databases();
    var locales = new TreeSet<String>();
    databases.forEach(database -> locales.add(database.locale()));
    var extensions = new TreeSet<String>();
    databases.forEach(database -> extensions.addAll(database.extensions()));
    audit(cluster).forEach(extensions::add);
    var lines = new ArrayList<String>();
    if (!locales.isEmpty()) {
      lines.add(HeaderKey.LOCALES.line(locales.toArray()));
    }
    if (!extensions.isEmpty()
        && !cluster.postgresql().parameters().containsKey("extension_control_path")) {
      lines.add(
          HeaderKey.EXTENSIONS.line(
              "/usr/share/postgresql/%d/extension".formatted(cluster.postgresql().version()),
              String.join(" ", extensions)));
    }
    return List.copyOf(lines);
  }

  /** Returns the statements that create the databases; each is idempotent. */
  static String statements(Cluster cluster) {
    var unaudited = cluster.postgresql().audited() ? "" : Template.text("databases/unaudited.sql");
    var text = new StringBuilder(unaudited).append(Template.text("databases/cluster.sql"));
    text.append(extensions(POSTGRES, SUPERUSER, audit(cluster)));
    for (var database : cluster.databases()) {
      text.append(
          Template.render(
              "databases/database.sql.ftl",
              Map.of(
                  "database", database, "settings", settings(database), "unaudited", unaudited)));
      var described = Stream.concat(database.extensions().stream(), audit(cluster));
      text.append(extensions(database.name(), database.owner(), described));
      text.append("\\connect ").append(POSTGRES).append('\n');
    }
    text.append(Template.render("databases/drop.sql.ftl", Map.of("drop", cluster.drop())));
    return text.toString();
  }

  /**
   * Returns pgaudit if the cluster audits. Its records of DDL name the object and its type only if
   * the extension exists.
   */
  private static Stream<String> audit(Cluster cluster) {
    return cluster.postgresql().audited() ? Stream.of(PGAUDIT) : Stream.empty();
  }

  private static String extensions(String database, String owner, Stream<String> names) {
    var described = names.distinct().toList();
    return described.stream()
        .map(
            extension ->
                Template.render(
                    "databases/extension.sql.ftl",
                    Map.of(
                        "databaseName", database,
                        "owner", owner,
                        "extension", extension,
                        "described", described)))
        .collect(joining());
  }

  /** Returns the parameters of a database, each with the elements of its value. */
  private static Map<String, List<String>> settings(Database database) {
    var settings = new TreeMap<String, List<String>>();
    database
        .settings()
        .forEach(
            (name, value) ->
                settings.put(name, QuotedListValue.elements(name, value).orElseThrow()));
    return settings;
  }

  private static TargetFile roles(Cluster cluster, Credentials credentials) {
    var roles = new ArrayList<Output<Map<String, String>>>();
    roles.add(role(PROBE, "LOGIN CONNECTION LIMIT " + PROBE_CONNECTIONS, credentials));
    cluster.databases().stream()
        .map(Databases::owner)
        .distinct()
        .forEach(owner -> roles.add(role(owner.name(), owner.attributes(), credentials)));
    return TargetFile.secret(
        "/etc/ninefold/sql/roles.sql",
        "postgres:postgres",
        Output.all(roles)
            .applyValue(
                all ->
                    Template.render(
                        "databases/roles.sql.ftl",
                        Map.of("clusterRoles", ClusterRole.withoutPasswords(), "roles", all))));
  }

  /** PostgreSQL's value for no limit. */
  private static final int NO_LIMIT = -1;

  private record Owner(String name, String attributes) {}

  private static Owner owner(Database database) {
    return new Owner(
        database.owner(), "LOGIN CONNECTION LIMIT " + database.connectionLimit().orElse(NO_LIMIT));
  }

  private static Output<Map<String, String>> role(
      String name, String attributes, Credentials credentials) {
    return credentials
        .verifier(name)
        .applyValue(
            verifier -> Map.of("name", name, "attributes", attributes, "verifier", verifier));
  }
}
