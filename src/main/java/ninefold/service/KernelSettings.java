package ninefold.service;

import java.util.LinkedHashMap;
import java.util.Map;
import ninefold.description.Failover.KernelTimings;
import ninefold.description.Node;

/**
 * The kernel settings (sysctl) of a node, by its roles and memory. Linux documents them in {@code
 * Documentation/admin-guide/sysctl/vm.rst} and {@code Documentation/networking/ip-sysctl.rst}.
 */
final class KernelSettings {
  /** The memory from which strict overcommit accounting is safe, MiB. */
  private static final long STRICT_OVERCOMMIT_MEMORY = 8192;

  private KernelSettings() {}

  /** Returns the settings of a database node. */
  static Map<String, String> forPostgresql(Node node, KernelTimings timings) {
    var settings = network();
    limitRetransmissions(settings, timings);
    // Without it, PgBouncer would leave out an address that the boot has not configured yet.
    allowNonLocalBind(settings);
    // Swap only to avoid running out of memory.
    settings.put("vm.swappiness", "1");
    // Percent of the available memory. Early, steady writeback leaves a checkpoint's fsync little
    // to wait for.
    settings.put("vm.dirty_background_ratio", "3");
    settings.put("vm.dirty_ratio", "10");
    // PostgreSQL's manual ("Linux Memory Overcommit") recommends strict accounting, so that a
    // session gets "out of memory" instead of the OOM killer. A small machine lacks the slack.
    if (node.memory().mebibytes() >= STRICT_OVERCOMMIT_MEMORY) {
      settings.put("vm.overcommit_memory", "2");
      settings.put("vm.overcommit_ratio", "90");
    }
    return settings;
  }

  /**
   * Returns the settings of a balancer. HAProxy binds the virtual address before it is assigned.
   */
  static Map<String, String> forBalancer(KernelTimings timings) {
    var settings = network();
    limitRetransmissions(settings, timings);
    allowNonLocalBind(settings);
    return settings;
  }

  /**
   * Limits the retransmissions of unacknowledged data. TCP keepalive probes only an idle
   * connection; while data is unacknowledged, only this limit detects a dead peer. A peer that is
   * alive but does not read still acknowledges window probes, which resets the count.
   */
  private static void limitRetransmissions(Map<String, String> settings, KernelTimings timings) {
    settings.put("net.ipv4.tcp_retries2", String.valueOf(timings.retransmissions()));
  }

  private static void allowNonLocalBind(Map<String, String> settings) {
    settings.put("net.ipv4.ip_nonlocal_bind", "1");
    settings.put("net.ipv6.ip_nonlocal_bind", "1");
  }

  private static Map<String, String> network() {
    var settings = new LinkedHashMap<String, String>();
    settings.put("net.core.somaxconn", "4096");
    // A peer that lost its power closes no connection. Probe after 60 s of silence, and give up
    // after 3 probes, 10 s apart: 90 s in total.
    settings.put("net.ipv4.tcp_keepalive_time", "60");
    settings.put("net.ipv4.tcp_keepalive_intvl", "10");
    settings.put("net.ipv4.tcp_keepalive_probes", "3");
    return settings;
  }
}
