package ninefold.ssh;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.Descriptions;
import ninefold.description.Access;
import ninefold.description.Node;

/** Four machines whose ssh servers are on this one. */
final class LoopbackMachines {
  private LoopbackMachines() {}

  /** Returns the machines as nodes {@code a} to {@code d}. */
  static List<Node> nodes() {
    return Descriptions.cluster(
            """
            name: local
            network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
            machines: {kind: given}
            nodes:
              - {name: a, address: 10.0.0.1, sshAddress: 127.0.0.1, roles: [postgres, etcd, balancer]}
              - {name: b, address: 10.0.0.2, sshAddress: 127.0.0.1, roles: [postgres, etcd, balancer]}
              - {name: c, address: 10.0.0.3, sshAddress: 127.0.0.1, roles: [postgres, etcd]}
              - {name: d, address: 10.0.0.4, sshAddress: 127.0.0.1, roles: [repository]}
            """)
        .nodes();
  }

  /** Pins one host key for all machines, in their order. */
  static Map<Node, String> pinned(String hostKey) {
    var keys = new LinkedHashMap<Node, String>();
    nodes().forEach(node -> keys.put(node, hostKey));
    return keys;
  }

  /** Returns an access to all machines on one port, directly or through a jump host. */
  static Access access(String user, int port, Optional<Access.Jump> jump, Duration timeout) {
    return new Access(user, port, true, List.of(), jump, timeout, Duration.ofMinutes(1));
  }

  /** Returns a jump host on this machine. */
  static Optional<Access.Jump> jumpHost(int port, String hostKey) {
    return Optional.of(new Access.Jump("127.0.0.1", port, "jumper", hostKey));
  }
}
