package ninefold.service;

import java.util.LinkedHashMap;
import java.util.Map;
import ninefold.description.Failover.KernelTimings;
import ninefold.description.Node;

/** Kernel settings by role and size of the machine; each with its reason. */
final class KernelSettings {
  private static final long LARGE = 8192;

  private KernelSettings() {}

  /** For a database node. */
  static Map<String, String> forPostgresql(Node node, KernelTimings timings) {
    var settings = network();
    giveUp(settings, timings);
    // PgBouncer goes on without an address that is not there yet, as after a boot.
    bindEarly(settings);
    settings.put("vm.swappiness", "1");
    // Written back early and steadily, so that a checkpoint's fsync has little to wait for.
    settings.put("vm.dirty_background_ratio", "3");
    settings.put("vm.dirty_ratio", "10");
    // Strict accounting keeps the OOM killer away, but a small machine hasn't the slack it needs.
    if (node.memory().mebibytes() >= LARGE) {
      settings.put("vm.overcommit_memory", "2");
      settings.put("vm.overcommit_ratio", "90");
    }
    return settings;
  }

  /** For a balancer, which binds the virtual address before it holds it. */
  static Map<String, String> forBalancer(KernelTimings timings) {
    var settings = network();
    giveUp(settings, timings);
    bindEarly(settings);
    return settings;
  }

  /**
   * Keepalive asks only while nothing waits to be sent. Otherwise a dead peer is found by this
   * count, which a peer that lives and does not read starts anew with each answer.
   */
  private static void giveUp(Map<String, String> settings, KernelTimings timings) {
    settings.put("net.ipv4.tcp_retries2", String.valueOf(timings.retransmissions()));
  }

  private static void bindEarly(Map<String, String> settings) {
    settings.put("net.ipv4.ip_nonlocal_bind", "1");
    settings.put("net.ipv6.ip_nonlocal_bind", "1");
  }

  private static Map<String, String> network() {
    var settings = new LinkedHashMap<String, String>();
    settings.put("net.core.somaxconn", "4096");
    // A peer that lost its power says nothing: ask after a minute, give up after another half.
    settings.put("net.ipv4.tcp_keepalive_time", "60");
    settings.put("net.ipv4.tcp_keepalive_intvl", "10");
    settings.put("net.ipv4.tcp_keepalive_probes", "3");
    return settings;
  }
}
