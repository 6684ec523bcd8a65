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
 * The URLs at which clients reach the databases of a cluster. In them, {@code authority.crt} is the
 * file to which the client has saved the CA's certificate.
 */
public final class Endpoints {
  private static final String TLS = "?sslmode=verify-full&sslrootcert=authority.crt";

  /** In seconds. Without it, libpq waits for minutes for a machine that has lost its power. */
  private static final String CONNECT_TIMEOUT = "&connect_timeout=5";

  private final Cluster cluster;

  /** Creates the endpoints of a cluster. */
  public Endpoints(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Returns the address and port that lead to the leader, as {@code HOST:PORT}. */
  public String readWrite() {
    return onVirtualAddress(cluster.balancing().readWritePort());
  }

  /**
   * Returns the address and port that lead to a replica, or to the leader if there is no replica.
   */
  public String readOnly() {
    return onVirtualAddress(cluster.balancing().readOnlyPort());
  }

  /** Returns the address and port of HAProxy's statistics page. */
  public String statistics() {
    return onVirtualAddress(cluster.balancing().statisticsPort());
  }

  /** Returns the URLs of a database for JDBC and libpq, by their names in the outputs. */
  public Map<String, String> of(Database database) {
    var path = "/" + database.name() + TLS;
    var balancers = hosts(Role.BALANCER, cluster.balancing().readWritePort());
    var pools = hosts(Role.POSTGRES, cluster.pooling().port());
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

  /** Returns the hosts of a URL with several hosts: the nodes of a role with a port. */
  private String hosts(Role role, int port) {
    return cluster.nodes(role).stream()
        .map(node -> node.address() + ":" + port)
        .collect(joining(","));
  }

  private String onVirtualAddress(int port) {
    return cluster.network().virtualAddress() + ":" + port;
  }

  /** Returns the URL of Patroni's REST API on each database node. */
  public List<String> patroni() {
    return cluster.nodes(Role.POSTGRES).stream()
        .map(Node::address)
        .map(address -> "https://" + address + ":" + cluster.postgresql().patroniPort())
        .toList();
  }
}
