package ninefold.client;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.Map;
import ninefold.description.Cluster;
import ninefold.description.Database;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Manifests with which applications in Kubernetes reach their databases, as YAML. */
public final class KubernetesManifests {
  /** The path at which pods mount the ConfigMap. */
  public static final String FOLDER = "/etc/postgresql-client";

  private final Cluster cluster;
  private final Endpoints endpoints;

  /** Creates the manifests of a cluster. */
  public KubernetesManifests(Cluster cluster) {
    this.cluster = cluster;
    this.endpoints = new Endpoints(cluster);
  }

  /**
   * Returns a ConfigMap with the CA's certificate, a service file and each database's URLs, none of
   * which is a secret.
   *
   * @param authority the CA's certificate, PEM
   */
  public String configMap(String authority) {
    var data = new LinkedHashMap<String, String>();
    data.put("authority.crt", authority);
    data.put("pg_service.conf", ServiceFile.of(cluster, FOLDER + "/authority.crt"));
    cluster
        .databases()
        .forEach(
            database ->
                endpoints
                    .of(database)
                    .forEach(
                        (key, value) -> data.put(database.name() + "." + key, mounted(value))));
    return yaml(manifest("ConfigMap", cluster.name() + "-postgresql", "data", data));
  }

  /**
   * Returns a Secret for each database, so that an application needs its own only.
   *
   * @param passwords the passwords by user
   */
  public String secrets(Map<String, String> passwords) {
    return cluster.databases().stream()
        .map(database -> yaml(secret(database, passwords.get(database.owner()))))
        .collect(joining("---\n"));
  }

  private Map<String, Object> secret(Database database, String password) {
    var data = new LinkedHashMap<String, String>();
    data.put("host", cluster.network().virtualAddress());
    data.put("port", String.valueOf(cluster.balancing().readWritePort()));
    data.put("database", database.name());
    data.put("username", database.owner());
    data.put("password", password);
    data.put("jdbcUrl", mounted(endpoints.of(database).get("jdbcUrl")));
    var secret = manifest("Secret", name(database), "stringData", data);
    secret.put("type", "Opaque");
    return secret;
  }

  /** Returns a name that Kubernetes allows: no underscores, a letter or digit at both ends. */
  private String name(Database database) {
    var name = cluster.name() + "-" + database.name().replace('_', '-');
    return name.endsWith("-") ? name + "0" : name;
  }

  private static String mounted(String url) {
    return url.replace("sslrootcert=authority.crt", "sslrootcert=" + FOLDER + "/authority.crt");
  }

  private static Map<String, Object> manifest(
      String kind, String name, String section, Map<String, String> data) {
    var manifest = new LinkedHashMap<String, Object>();
    manifest.put("apiVersion", "v1");
    manifest.put("kind", kind);
    manifest.put("metadata", Map.of("name", name));
    manifest.put(section, data);
    return manifest;
  }

  private static String yaml(Map<String, Object> manifest) {
    var options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setDefaultScalarStyle(DumperOptions.ScalarStyle.PLAIN);
    options.setSplitLines(false);
    return new Yaml(options).dump(manifest);
  }
}
