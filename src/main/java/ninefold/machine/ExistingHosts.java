package ninefold.machine;

import com.pulumi.command.remote.inputs.ConnectionArgs;
import com.pulumi.core.Output;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.host.Host;
import ninefold.host.WipeScope;
import ninefold.ssh.Connections;
import ninefold.ssh.HostKeys;
import ninefold.ssh.MissingHostKeysException;
import ninefold.ssh.SshPreflight;

/** Existing hosts, reached with the private key of the stack's configuration. */
public final class ExistingHosts {
  private final Cluster cluster;
  private final String key;
  private final Map<String, String> knownHosts;

  /**
   * Creates the hosts of a cluster.
   *
   * @param cluster the cluster
   * @param key the private key of the hosts' administrator; a secret
   * @param knownHosts host keys by address, for nodes without a host key in the description
   */
  public ExistingHosts(Cluster cluster, String key, Map<String, String> knownHosts) {
    this.cluster = cluster;
    this.key = key;
    this.knownHosts = knownHosts;
  }

  /**
   * Returns the hosts in the description's order.
   *
   * @throws MissingHostKeysException if neither the description nor {@code knownHosts} has a host's
   *     key
   */
  public List<Host> hosts() {
    var missing = cluster.nodes().stream().filter(node -> hostKey(node).isEmpty()).toList();
    if (!missing.isEmpty()) {
      throw new MissingHostKeysException(missing);
    }
    return cluster.nodes().stream().map(this::host).toList();
  }

  /**
   * Requires that the administrator can log in to each host and become root.
   *
   * @throws ninefold.ssh.InaccessibleMachines if that fails on a host
   */
  public void requireLogins() {
    SshPreflight.require(cluster.access(), HostKeys.of(cluster, knownHosts), key);
  }

  private Host host(Node node) {
    Output<ConnectionArgs> connection =
        Connections.to(
            cluster.access(), node, Output.of(hostKey(node).orElseThrow()), Output.ofSecret(key));
    var identity = Output.of("generation " + node.generation());
    return new Host(
        node,
        connection,
        identity,
        true,
        WipeScope.of(cluster, node),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private Optional<String> hostKey(Node node) {
    return HostKeys.of(node, knownHosts);
  }
}
