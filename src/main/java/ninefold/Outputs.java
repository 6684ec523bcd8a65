package ninefold;

import static java.util.stream.Collectors.joining;

import com.pulumi.core.Output;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.cluster.Cluster;
import ninefold.cluster.Database;
import ninefold.cluster.Node;
import ninefold.cluster.Role;
import ninefold.machine.LibvirtMachines;
import ninefold.secret.Credentials;
import ninefold.service.Etcd;

/** What the stack tells its users: where the cluster is reached, and with what. */
final class Outputs {
  private final Cluster cluster;
  private final Credentials credentials;
  private final Optional<LibvirtMachines> virtual;

  Outputs(Cluster cluster, PostgresCluster built) {
    this.cluster = cluster;
    this.credentials = built.credentials();
    this.virtual = built.virtual();
  }

  /** Every output by its name. */
  Map<String, Output<?>> values() {
    var values = new LinkedHashMap<String, Output<?>>();
    values.put("readWriteEndpoint", Output.of(through(cluster.balancing().readWritePort())));
    values.put("readOnlyEndpoint", Output.of(through(cluster.balancing().readOnlyPort())));
    values.put(
        "statisticsUrl",
        Output.of("https://" + through(cluster.balancing().statisticsPort()) + "/"));
    values.put("statisticsUser", Output.of("operator"));
    values.put("statisticsPassword", credentials.password("statistics"));
    values.put("authorityCertificate", credentials.authority());
    values.put("certificateEnds", credentials.ends());
    values.put("backupPassphrase", credentials.password("backup"));
    values.put("etcdEndpoints", Output.of(Etcd.endpoints(cluster)));
    values.put("patroniEndpoints", Output.of(patroni()));
    values.put("databases", Output.of(cluster.databases().stream().map(this::database).toList()));
    values.put("passwords", passwords());
    values.put("inventory", Output.of(cluster.nodes().stream().map(Outputs::entry).toList()));
    virtual.ifPresent(
        machines -> {
          values.put("sshPrivateKey", machines.sshPrivateKey());
          values.put("knownHosts", machines.knownHosts());
        });
    return values;
  }

  private String through(int port) {
    return cluster.network().virtualAddress() + ":" + port;
  }

  private List<String> patroni() {
    return cluster.nodes(Role.POSTGRES).stream()
        .map(node -> "https://" + node.address() + ":" + cluster.postgresql().restPort())
        .toList();
  }

  /**
   * How an application reaches its database. {@code authority.crt} stands for the file to which the
   * application's machine has saved {@code authorityCertificate}.
   */
  private Map<String, String> database(Database database) {
    var tls = "sslmode=verify-full&sslrootcert=authority.crt";
    var readWrite = through(cluster.balancing().readWritePort());
    var readOnly = through(cluster.balancing().readOnlyPort());
    var nodes =
        cluster.nodes(Role.POSTGRES).stream()
            .map(node -> node.address() + ":" + cluster.pooling().port())
            .collect(joining(","));
    var libpq = "postgresql://" + database.owner() + "@";
    var values = new LinkedHashMap<String, String>();
    values.put("name", database.name());
    values.put("user", database.owner());
    values.put("jdbcUrl", "jdbc:postgresql://" + readWrite + "/" + database.name() + "?" + tls);
    values.put("uri", libpq + readWrite + "/" + database.name() + "?" + tls);
    values.put("readOnlyUri", libpq + readOnly + "/" + database.name() + "?" + tls);
    values.put(
        "multiHostUri",
        libpq + nodes + "/" + database.name() + "?" + tls + "&target_session_attrs=read-write");
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
