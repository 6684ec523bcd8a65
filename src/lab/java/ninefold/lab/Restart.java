package ninefold.lab;

/**
 * The last restart of a node's service.
 *
 * @param node the node
 * @param stopped when it had stopped, in µs of the clock that all nodes of the containers lab share
 * @param started when it had started, in µs of the same clock
 */
record Restart(String node, Long stopped, Long started) {
  /** Reads the times of the last restart from the node's systemd. */
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
