package ninefold.lab;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Scans every port of every machine, from a machine outside the cluster and from one node of each
 * role, and compares the open ports with a table. Also tests that the firewall cannot lock its
 * operator out.
 *
 * <p>The tests depend on their order; the last one restores the lab's own description.
 */
@Tag("firewall")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FirewallTest extends ChangeSuite {
  private static final String OUTSIDER = "outsider";
  private static final List<String> SCANNERS =
      List.of(OUTSIDER, "postgres2", "etcd2", "haproxy1", "repository");

  /** The lab's host, whose ports are open to all: a control for the scanner. */
  private static final String HOST = "192.168.100.254";

  private static final String VIRTUAL_ADDRESS = "192.168.100.56";

  /** The port of a canary service, outside the range of ephemeral ports. */
  private static final int CANARY = 25678;

  /** Ports that the test opens on the host, so that they show whether a scan reaches all ports. */
  private static final List<Integer> CONTROL_PORTS = List.of(29678, 30678, 31678);

  /**
   * Packets per second. If a busy machine loses answers, the scan is repeated with the next, lower
   * rate.
   */
  private static final List<Integer> RATES = List.of(45_000, 20_000, 8_000);

  private static final int SLOWEST = RATES.get(RATES.size() - 1);

  /** A scan needs a quarter of a core. */
  private static final int SCANS_AT_ONCE = 2;

  private static final Map<String, String> ADDRESSES =
      Map.of(
          "postgres1", "192.168.100.1",
          "postgres2", "192.168.100.2",
          "postgres3", "192.168.100.3",
          "etcd1", "192.168.100.4",
          "haproxy1", "192.168.100.5",
          "haproxy2", "192.168.100.6",
          "etcd2", "192.168.100.7",
          "etcd3", "192.168.100.8",
          "repository", "192.168.100.9");

  /**
   * Endpoints that applications and operators reach from the named networks, of which this host is
   * a part.
   */
  private static final List<InetSocketAddress> OPEN_TO_NAMED_NETWORKS =
      List.of(
          new InetSocketAddress(VIRTUAL_ADDRESS, 5000),
          new InetSocketAddress(VIRTUAL_ADDRESS, 5001),
          new InetSocketAddress("192.168.100.1", 6432),
          new InetSocketAddress("192.168.100.5", 7000),
          new InetSocketAddress("192.168.100.9", 22));

  /** The open ports with named networks: by source machine, then by target machine. */
  private static final Map<String, Map<String, String>> OPEN_FROM =
      Map.of(
          OUTSIDER,
          Map.of(),
          "postgres2",
          Map.of(
              "postgres1", "5432 6432 8008",
              "postgres3", "5432 6432 8008",
              "etcd1", "2379",
              "etcd2", "2379",
              "etcd3", "2379",
              "repository", "8432"),
          "etcd2",
          Map.of("etcd1", "2379 2380", "etcd3", "2379 2380"),
          "haproxy1",
          Map.of(
              "postgres1", "6432 8008",
              "postgres2", "6432 8008",
              "postgres3", "6432 8008",
              "haproxy2", "5000 5001"),
          "repository",
          Map.of("postgres1", "8432", "postgres2", "8432", "postgres3", "8432"));

  /**
   * The open ports with the default rules, for a machine of the same network that is not a node.
   */
  private static final Map<String, String> OPEN_BY_DEFAULT =
      Map.of(
          "postgres1", "22 6432",
          "postgres2", "22 6432",
          "postgres3", "22 6432",
          "etcd1", "22",
          "etcd2", "22",
          "etcd3", "22",
          "haproxy1", "22 5000 5001 7000",
          "haproxy2", "22 5000 5001 7000",
          "repository", "22");

  /** Starts a service on a port that is not in the tables: no scan may find it. */
  private static final String START_CANARY =
      "systemd-run --quiet --collect --unit=canary python3 -c 'import socket, time; s ="
          + " socket.create_server((\"0.0.0.0\", "
          + CANARY
          + ")); time.sleep(1e6)'; for try in {1..150}; do [[ -z $(ss -Hltn 'sport = :"
          + CANARY
          + "') ]] || exit 0; sleep 0.2; done; systemctl status --no-pager canary; exit 1";

  private static final String LIST_RULES = "nft list table inet ninefold";

  private static final List<ServerSocket> CONTROL_SOCKETS = new ArrayList<>();

  @BeforeAll
  static void startScanners() throws IOException {
    LAB.powerOn(OUTSIDER);
    LAB.ssh(OUTSIDER, "command -v python3");
    onAll(NODES, START_CANARY);
    for (var port : CONTROL_PORTS) {
      CONTROL_SOCKETS.add(new ServerSocket(port, 50, InetAddress.getByName(HOST)));
    }
  }

  @AfterAll
  static void stopScanners() throws IOException {
    onAll(NODES, "systemctl stop canary 2>/dev/null || true");
    LAB.powerOff(OUTSIDER);
    for (var socket : CONTROL_SOCKETS) {
      socket.close();
    }
  }

  /**
   * Without named networks, a machine of the same network reaches only the ports for clients and
   * ssh.
   */
  @Test
  @Order(1)
  void defaultRules_openClientPortsAndSsh() {
    timed("up", PulumiRun.up().run().succeeded());

    assertThat(openPorts(OUTSIDER)).isEqualTo(OPEN_BY_DEFAULT);
  }

  @Test
  @Order(2)
  void namedNetworks_openOnlyTheListedPorts() {
    timed(
        "up: named networks",
        PulumiRun.up().describedBy(withNamedNetworks(HOST + "/32")).run().succeeded());
    for (var open : OPEN_TO_NAMED_NETWORKS) {
      assertThat(accepts(open)).as(open + " from the named network").isTrue();
    }

    var threads = Executors.newFixedThreadPool(SCANS_AT_ONCE);
    try {
      var scans =
          SCANNERS.stream()
              .collect(
                  toMap(
                      from -> from,
                      from -> CompletableFuture.supplyAsync(() -> openPorts(from), threads)));
      scans.forEach(
          (from, open) ->
              assertThat(open.join()).as("open from " + from).isEqualTo(OPEN_FROM.get(from)));
    } finally {
      threads.shutdown();
    }
  }

  private static boolean accepts(InetSocketAddress endpoint) {
    try (var socket = new Socket()) {
      socket.connect(endpoint, 5000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The new rules exclude the workstation. The step must notice it, restore the old rules and fail.
   */
  @Test
  @Order(3)
  void rulesThatLockOutTheOperator_areReverted() {
    var before = rules();

    var run =
        timed(
            "up: rules that lock out",
            PulumiRun.of("up", "--yes", "--skip-preview", "--color", "never", "--continue-on-error")
                .describedBy(withNamedNetworks("10.99.0.0/24"))
                .run()
                .failed());

    assertThat(run.output())
        .contains("firewall: under the new rules no packets arrive")
        .contains("look at: firewall.operators");
    assertThat(rules()).isEqualTo(before);
    // This run logs in again, so it does not depend on an open session.
    assertThat(PulumiRun.up().describedBy(withNamedNetworks(HOST + "/32")).run().succeeded())
        .isNotNull();
  }

  /**
   * The step is killed just after it has loaded rules that block ssh. The timer must restore the
   * old rules.
   */
  @Test
  @Order(4)
  void killedStep_restoresTheOldRules() {
    var before = rules("etcd1");
    LAB.ssh(
        "etcd1",
        """
        { echo '=== /etc/ninefold/firewall.nft root:root 0644'
          sed 's/tcp dport 22 .*/tcp dport 22 drop/' /etc/ninefold/firewall.nft
          echo '=== end'; } >/run/bundle
        process=$$
        until login=$(tr '\\0' '\\n' <"/proc/$process/environ" | grep '^SSH_CONNECTION='); do
          process=$(awk '/^PPid:/ { print $2 }' "/proc/$process/status")
        done
        rm -f /run/cut-off
        export "$login"
        # Nobody waits for it: nothing comes out any more.
        setsid bash -c '
          /usr/local/lib/ninefold/firewall </run/bundle &
          step=$!
          until (($(nft list table inet ninefold | grep -c "tcp dport 22 drop") == 2)); do
            kill -0 $step || exit
          done
          kill -KILL $step
          touch /run/cut-off' </dev/null >/dev/null 2>&1 &
        """);

    // The short timeout forces a new session for each try: open sessions would wait longer for
    // retransmissions.
    Eventually.holds(
        "the old rules are back",
        Duration.ofMinutes(3),
        () -> {
          var now = LAB.ssh("etcd1", Duration.ofSeconds(5), "ls /run/cut-off; " + LIST_RULES);
          return now.equals("/run/cut-off\n" + before) ? Optional.empty() : Optional.of(now);
        });
  }

  @Test
  @Order(5)
  void rules_surviveAPowerCut() {
    var before = rules("etcd3");
    LAB.powerOff("etcd3");
    LAB.powerOn("etcd3");
    assertThat(rules("etcd3")).isEqualTo(before);
    LAB.ssh("etcd3", START_CANARY);
  }

  @Test
  @Order(6)
  void disabledFirewall_leavesNoTable_andCanBeEnabled() {
    var off = description("no-firewall", text -> text + "\nfirewall: {enabled: false}\n");
    timed("up: no firewall", PulumiRun.up().describedBy(off).run().succeeded());
    assertThat(onAll(NODES, "nft list tables").values()).containsOnly("");
    for (var address : ADDRESSES.values()) {
      assertThat(accepts(new InetSocketAddress(address, CANARY)))
          .as("the canary on %s, which only the firewall had blocked", address)
          .isTrue();
    }

    timed("up", PulumiRun.up().run().succeeded());
    assertThat(rules().values()).allMatch(rules -> rules.contains("policy drop"));
    assertThat(PulumiRun.up().run().succeeded().resources("updated")).isZero();
  }

  private static Path withNamedNetworks(String operators) {
    return description(
        "named-networks",
        text ->
            text
                + "\nfirewall: {applications: [%s/32], operators: [%s]}\n"
                    .formatted(HOST, operators));
  }

  private static String rules(String node) {
    return LAB.ssh(node, LIST_RULES);
  }

  private static Map<String, String> rules() {
    return onAll(NODES, LIST_RULES);
  }

  /** Scans all other machines from one machine and returns the open ports by node. */
  private static Map<String, String> openPorts(String from) {
    for (var rate : RATES) {
      var found = scan(from, rate);
      var openOnHost = Optional.ofNullable(found.remove(HOST)).orElseGet(Set::of);
      var reachedControls = CONTROL_PORTS.stream().filter(openOnHost::contains).count();
      if (openOnHost.contains(8080)
          && reachedControls >= (rate == SLOWEST ? 2 : CONTROL_PORTS.size())) {
        return byMachine(found);
      }
      System.out.printf(
          "a scan from %s at %d packets per second missed ports of the host; it found %s%n",
          from, rate, openOnHost);
    }
    throw new AssertionError("every scan from " + from + " missed open ports of the host");
  }

  private static Map<String, Set<Integer>> scan(String from, int rate) {
    var ownAddress = ADDRESSES.getOrDefault(from, "");
    // A machine that holds the virtual address would scan itself, which the firewall allows.
    var held = LAB.ssh(from, "ip -o -4 addr");
    var targets =
        Stream.concat(ADDRESSES.values().stream(), Stream.of(VIRTUAL_ADDRESS, HOST))
            .filter(address -> !address.equals(ownAddress))
            .filter(address -> !held.contains(" " + address + "/"))
            .toList();
    return PortScan.open(LAB, from, targets, rate);
  }

  private static Map<String, String> byMachine(Map<String, Set<Integer>> found) {
    // The virtual address belongs to one of the balancers, so it has the same open ports.
    var virtual = found.remove(VIRTUAL_ADDRESS);
    if (virtual != null) {
      assertThat(virtual).isSubsetOf(5000, 5001, 7000, 22);
    }
    return ADDRESSES.entrySet().stream()
        .filter(node -> found.containsKey(node.getValue()))
        .collect(
            toMap(
                Map.Entry::getKey,
                node ->
                    found.get(node.getValue()).stream()
                        .map(String::valueOf)
                        .collect(joining(" "))));
  }

  private static Map<String, String> onAll(List<String> nodes, String script) {
    var answers =
        nodes.stream()
            .collect(
                toMap(
                    node -> node,
                    node ->
                        CompletableFuture.supplyAsync(
                            () -> LAB.ssh(node, Duration.ofMinutes(3), script))));
    return answers.entrySet().stream()
        .collect(toMap(Map.Entry::getKey, answer -> answer.getValue().join()));
  }
}
