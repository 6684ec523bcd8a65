package ninefold.ssh;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Node;

/** The pinned host keys of nodes, as {@code type key}. */
public final class HostKeys {
  private HostKeys() {}

  /**
   * The nodes whose host key is known, with that key, in the description's order.
   *
   * @param knownHosts host keys by address, for nodes without {@code hostKey} in the description
   */
  public static Map<Node, String> of(Cluster cluster, Map<String, String> knownHosts) {
    var keys = new LinkedHashMap<Node, String>();
    cluster
        .nodes()
        .forEach(node -> of(node, knownHosts).ifPresent(pinned -> keys.put(node, pinned)));
    return Collections.unmodifiableMap(keys);
  }

  /** The host key of one node, if it is known. */
  public static Optional<String> of(Node node, Map<String, String> knownHosts) {
    return node.hostKey().or(() -> Optional.ofNullable(knownHosts.get(Connections.address(node))));
  }
}
