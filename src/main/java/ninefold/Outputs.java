package ninefold;

import com.pulumi.core.Output;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import ninefold.client.Endpoints;
import ninefold.client.JdbcDriver;
import ninefold.client.KubernetesManifests;
import ninefold.client.ServiceFile;
import ninefold.description.Cluster;
import ninefold.description.Database;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.hive.SiteFiles;
import ninefold.machine.LibvirtMachines;
import ninefold.secret.Credentials;
import ninefold.service.Etcd;
import ninefold.service.Haproxy;

/** The stack's outputs: the endpoints of the cluster, and the credentials for them. */
final class Outputs {
  private final Cluster cluster;
  private final Endpoints endpoints;
  private final Credentials credentials;
  private final Optional<LibvirtMachines> virtual;

  Outputs(Cluster cluster, PostgresCluster built) {
    this.cluster = cluster;
    this.endpoints = new Endpoints(cluster);
    this.credentials = built.credentials();
    this.virtual = built.virtual();
  }

  /** Returns every output by its name. */
  Map<String, Output<?>> values() {
    var values = new LinkedHashMap<String, Output<?>>();
    values.put("readWriteEndpoint", Output.of(endpoints.readWrite()));
    values.put("readOnlyEndpoint", Output.of(endpoints.readOnly()));
    values.put("statisticsUrl", Output.of("https://" + endpoints.statistics() + "/"));
    values.put("statisticsUser", Output.of(Haproxy.OPERATOR));
    values.put("statisticsPassword", credentials.password(Cluster.STATISTICS));
    values.put("authorityCertificate", credentials.ca());
    values.put("authorityKeys", credentials.authorityKeys());
    values.put("certificateEnds", credentials.expiryByName());
    values.put("backupPassphrase", credentials.password(Credentials.BACKUP));
    values.put("etcdEndpoints", Output.of(Etcd.endpoints(cluster)));
    values.put("patroniEndpoints", Output.of(endpoints.patroni()));
    values.putAll(clients());
    SiteFiles.of(cluster).ifPresent(files -> values.putAll(hive(files)));
    values.put("inventory", Output.of(cluster.nodes().stream().map(Outputs::entry).toList()));
    virtual.ifPresent(
        machines -> {
          values.put("sshPrivateKey", machines.sshPrivateKey());
          values.put("knownHosts", machines.knownHosts());
        });
    return values;
  }

  /** Returns the outputs for applications. */
  private Map<String, Output<?>> clients() {
    var kubernetes = new KubernetesManifests(cluster);
    var values = new LinkedHashMap<String, Output<?>>();
    values.put("databases", Output.of(cluster.databases().stream().map(endpoints::of).toList()));
    values.put("passwords", passwords());
    values.put("jdbcDriver", Output.of(JdbcDriver.origin()));
    values.put("pgServiceConf", Output.of(ServiceFile.of(cluster, "authority.crt")));
    values.put("kubernetesConfigMap", credentials.ca().applyValue(kubernetes::configMap));
    values.put("kubernetesSecrets", passwords().applyValue(kubernetes::secrets));
    return values;
  }

  /** Returns the outputs for a Hive Metastore. */
  private Map<String, Output<?>> hive(SiteFiles files) {
    var password = credentials.password(files.user());
    var values = new LinkedHashMap<String, Output<?>>();
    values.put("hiveSiteXml", password.applyValue(files::hiveSite));
    values.put("metastoreSiteXml", password.applyValue(files::metastoreSite));
    files.coreSite().ifPresent(text -> values.put("coreSiteXml", Output.of(text)));
    values.put("metastore", Output.of(files.summary()));
    return values;
  }

  private Output<Map<String, String>> passwords() {
    var owners = cluster.databases().stream().map(Database::owner).distinct().toList();
    return Output.all(owners.stream().map(credentials::password).toList())
        .applyValue(
            all -> {
              Map<String, String> passwords = new LinkedHashMap<>();
              for (int i = 0; i < owners.size(); i++) {
                passwords.put(owners.get(i), all.get(i));
              }
              return passwords;
            });
  }

  private static Map<String, Object> entry(Node node) {
    return Map.of(
        "name", node.name(),
        "address", node.address(),
        "roles", node.roles().stream().map(Role::word).toList());
  }
}
