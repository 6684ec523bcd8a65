package ninefold.lab;

/**
 * When a node's service was stopped and had started last.
 *
 * @param node the node
 * @param stopped µs of the clock that all nodes of the containers lab share
 * @param started the same
 */
record Restart(String node, Long stopped, Long started) {
  /** The last one, as systemd on the node has it. */
  static Restart of(Lab lab, String node, String service) {
    var times =
        lab.ssh(
                node,
                "systemctl show %1$s --value -p InactiveEnterTimestampMonotonic && systemctl show %1$s --value -p ActiveEnterTimestampMonotonic"
                    .formatted(service))
            .lines()
            .map(Long::valueOf)
            .toList();
    return new Restart(node, times.get(0), times.get(1));
  }
}
