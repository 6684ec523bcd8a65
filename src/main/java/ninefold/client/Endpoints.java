package ninefold.client;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ninefold.description.Cluster;
import ninefold.description.Database;
import ninefold.description.Node;
import ninefold.description.Role;

/**
 * Where clients find the databases of a cluster. {@code authority.crt} stands for the file to which
 * the client's machine has saved the authority's certificate.
 */
public final class Endpoints {
  private static final String TLS = "?sslmode=verify-full&sslrootcert=authority.crt";

  /** Without it libpq waits minutes for a machine that has lost its power. In s. */
  private static final String CONNECT_TIMEOUT = "&connect_timeout=5";

  private final Cluster cluster;

  /** The endpoints of a cluster. */
  public Endpoints(Cluster cluster) {
    this.cluster = cluster;
  }

  /** The address and port that lead to the leader. */
  public String readWrite() {
    return onVirtualAddress(cluster.balancing().readWritePort());
  }

  /** The address and port that lead to a replica, and to the leader when none is left. */
  public String readOnly() {
    return onVirtualAddress(cluster.balancing().readOnlyPort());
  }

  /** The address and port of HAProxy's page. */
  public String statistics() {
    return onVirtualAddress(cluster.balancing().statisticsPort());
  }

  /** Every way to a database, in the form of each kind of client. */
  public Map<String, String> of(Database database) {
    var path = "/" + database.name() + TLS;
    var balancers = all(Role.BALANCER, cluster.balancing().readWritePort());
    var pools = all(Role.POSTGRES, cluster.pooling().port());
    var jdbc = "jdbc:postgresql://";
    var libpq = "postgresql://" + database.owner() + "@";
    var values = new LinkedHashMap<String, String>();
    values.put("name", database.name());
    values.put("user", database.owner());
    values.put("jdbcUrl", jdbc + readWrite() + path);
    values.put("readOnlyJdbcUrl", jdbc + readOnly() + path);
    values.put("balancersJdbcUrl", jdbc + balancers + path);
    values.put("multiHostJdbcUrl", jdbc + pools + path + "&targetServerType=primary");
    values.put("uri", libpq + readWrite() + path + CONNECT_TIMEOUT);
    values.put("readOnlyUri", libpq + readOnly() + path + CONNECT_TIMEOUT);
    values.put("balancersUri", libpq + balancers + path + CONNECT_TIMEOUT);
    values.put(
        "multiHostUri",
        libpq + pools + path + CONNECT_TIMEOUT + "&target_session_attrs=read-write");
    return values;
  }

  /** All nodes of a role with a port, as URLs of several hosts have them. */
  private String all(Role role, int port) {
    return cluster.nodes(role).stream()
        .map(node -> node.address() + ":" + port)
        .collect(joining(","));
  }

  private String onVirtualAddress(int port) {
    return cluster.network().virtualAddress() + ":" + port;
  }

  /** Patroni's REST API on each database node. */
  public List<String> patroni() {
    return cluster.nodes(Role.POSTGRES).stream()
        .map(Node::address)
        .map(address -> "https://" + address + ":" + cluster.postgresql().patroniPort())
        .toList();
  }
}
