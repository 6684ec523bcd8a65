package ninefold.ssh;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Node;

/** The public host keys that nodes have to show, as {@code type key}. */
public final class HostKeys {
  private HostKeys() {}

  /**
   * The nodes whose key is known, in the description's order.
   *
   * @param knownHosts host keys by address, for nodes whose key the description doesn't name
   */
  public static Map<Node, String> of(Cluster cluster, Map<String, String> knownHosts) {
    var keys = new LinkedHashMap<Node, String>();
    cluster
        .nodes()
        .forEach(node -> of(node, knownHosts).ifPresent(pinned -> keys.put(node, pinned)));
    return Collections.unmodifiableMap(keys);
  }

  /** The key of one node. */
  public static Optional<String> of(Node node, Map<String, String> knownHosts) {
    return node.hostKey().or(() -> Optional.ofNullable(knownHosts.get(Connections.address(node))));
  }
}
