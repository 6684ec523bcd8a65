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
 * Who gets to which port: every port of every machine is tried, from a machine that is not of the
 * cluster and from one node of each kind, and what is open is compared with a table. And the
 * firewall can't lock its operator out.
 *
 * <p>The tests follow each other; the last one ends with the lab's own description.
 */
@Tag("firewall")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FirewallTest extends ChangeSuite {
  private static final String OUTSIDER = "outsider";
  private static final List<String> SCANNERS =
      List.of(OUTSIDER, "postgres2", "etcd2", "haproxy1", "repository");

  /** The lab's host, which is open to all: what the scanner finds there shows that it finds. */
  private static final String HOST = "192.168.100.254";

  private static final String VIRTUAL_ADDRESS = "192.168.100.56";

  /** None of those from which the kernel takes its own for outgoing connections. */
  private static final int CANARY = 25678;

  /** Open on the workstation: only a scan of every port finds one, which may miss the others. */
  private static final List<Integer> FAR = List.of(29678, 30678, 31678);

  /**
   * Packets that a scanner sends a second. Where the machine is so busy that answers are lost, it
   * goes slower.
   */
  private static final List<Integer> RATES = List.of(45_000, 20_000, 8_000);

  private static final int SLOWEST = RATES.get(RATES.size() - 1);

  /** A scan takes a quarter of a core. */
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

  /** Where applications and operators get to from the networks that are named, this one. */
  private static final List<InetSocketAddress> NAMED_MAY =
      List.of(
          new InetSocketAddress(VIRTUAL_ADDRESS, 5000),
          new InetSocketAddress(VIRTUAL_ADDRESS, 5001),
          new InetSocketAddress("192.168.100.1", 6432),
          new InetSocketAddress("192.168.100.5", 7000),
          new InetSocketAddress("192.168.100.9", 22));

  /** From which machine which ports of which machine are open, where networks are named. */
  private static final Map<String, Map<String, String>> TABLE =
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

  /** What a machine of the cluster's network gets to that no role has, where none are named. */
  private static final Map<String, String> DEFAULT =
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

  /** Behind which a service would listen on every node that the table doesn't know. */
  private static final String LISTEN =
      "systemd-run --quiet --collect --unit=canary python3 -c 'import socket, time; s ="
          + " socket.create_server((\"0.0.0.0\", "
          + CANARY
          + ")); time.sleep(1e6)'; for try in {1..150}; do [[ -z $(ss -Hltn 'sport = :"
          + CANARY
          + "') ]] || exit 0; sleep 0.2; done; systemctl status --no-pager canary; exit 1";

  private static final String LIST = "nft list table inet ninefold";

  private static final List<ServerSocket> OPENED = new ArrayList<>();

  @BeforeAll
  static void scannersAreReady() throws IOException {
    LAB.powerOn(OUTSIDER);
    LAB.ssh(OUTSIDER, "command -v python3");
    onAll(NODES, LISTEN);
    for (var port : FAR) {
      OPENED.add(new ServerSocket(port, 50, InetAddress.getByName(HOST)));
    }
  }

  @AfterAll
  static void scannersGo() throws IOException {
    onAll(NODES, "systemctl stop canary 2>/dev/null || true");
    LAB.powerOff(OUTSIDER);
    for (var socket : OPENED) {
      socket.close();
    }
  }

  @Test
  @Order(1)
  void withoutNamedNetworks_neighboursReachWhatClientsReach() {
    told("up", PulumiRun.up().run().succeeded());

    assertThat(open(OUTSIDER)).isEqualTo(DEFAULT);
  }

  @Test
  @Order(2)
  void namedNetworks_onlyTheTableIsOpen() {
    told("up: named networks", PulumiRun.up().describedBy(named(HOST + "/32")).run().succeeded());
    for (var open : NAMED_MAY) {
      assertThat(accepts(open)).as(open + " from the network that is named").isTrue();
    }

    var threads = Executors.newFixedThreadPool(SCANS_AT_ONCE);
    try {
      var scans =
          SCANNERS.stream()
              .collect(
                  toMap(
                      from -> from,
                      from -> CompletableFuture.supplyAsync(() -> open(from), threads)));
      scans.forEach(
          (from, open) ->
              assertThat(open.join()).as("open from " + from).isEqualTo(TABLE.get(from)));
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

  @Test
  @Order(3)
  void operatorsWhoWouldBeLockedOut_areNot() {
    var before = rules();

    var run =
        told(
            "up: rules that lock out",
            PulumiRun.of("up", "--yes", "--skip-preview", "--color", "never", "--continue-on-error")
                .describedBy(named("10.99.0.0/24"))
                .run()
                .failed());

    assertThat(run.said())
        .contains("firewall: under the new rules no packets arrive")
        .contains("look at: firewall.operators");
    assertThat(rules()).isEqualTo(before);
    // A login from the workstation, not a session that was open.
    assertThat(PulumiRun.up().describedBy(named(HOST + "/32")).run().succeeded()).isNotNull();
  }

  /** The step dies just after it has loaded rules that let no ssh in; the timer takes them back. */
  @Test
  @Order(4)
  void aStepThatIsCutOff_leavesTheOldRulesBehind() {
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

    // Sessions that are open hold their packets back longer than the new ones that this opens.
    Eventually.holds(
        "the old rules are back",
        Duration.ofMinutes(3),
        () -> {
          var now = LAB.ssh("etcd1", Duration.ofSeconds(5), "ls /run/cut-off; " + LIST);
          return now.equals("/run/cut-off\n" + before) ? Optional.empty() : Optional.of(now);
        });
  }

  @Test
  @Order(5)
  void rulesAreThereAgain_afterAPowerCut() {
    var before = rules("etcd3");
    LAB.powerOff("etcd3");
    LAB.powerOn("etcd3");
    assertThat(rules("etcd3")).isEqualTo(before);
    LAB.ssh("etcd3", LISTEN);
  }

  @Test
  @Order(6)
  void whereItIsTurnedOff_noTableIsLeft_andBackAgain() {
    var off = description("no-firewall", text -> text + "\nfirewall: {enabled: false}\n");
    told("up: no firewall", PulumiRun.up().describedBy(off).run().succeeded());
    assertThat(onAll(NODES, "nft list tables").values()).containsOnly("");
    for (var address : ADDRESSES.values()) {
      assertThat(accepts(new InetSocketAddress(address, CANARY)))
          .as("what only the firewall has kept from %s", address)
          .isTrue();
    }

    told("up", PulumiRun.up().run().succeeded());
    assertThat(rules().values()).allMatch(rules -> rules.contains("policy drop"));
    assertThat(PulumiRun.up().run().succeeded().resources("updated")).isZero();
  }

  private static Path named(String operators) {
    return description(
        "named-networks",
        text ->
            text
                + "\nfirewall: {applications: [%s/32], operators: [%s]}\n"
                    .formatted(HOST, operators));
  }

  private static String rules(String node) {
    return LAB.ssh(node, LIST);
  }

  private static Map<String, String> rules() {
    return onAll(NODES, LIST);
  }

  /** The ports that are open from a machine, by the machine that has them; itself aside. */
  private static Map<String, String> open(String from) {
    for (var rate : RATES) {
      var found = scanned(from, rate);
      var control = Optional.ofNullable(found.remove(HOST)).orElseGet(Set::of);
      var far = FAR.stream().filter(control::contains).count();
      if (control.contains(8080) && far >= (rate == SLOWEST ? 2 : FAR.size())) {
        return byMachine(found);
      }
      System.out.printf("%s misses what is open at %d packets a second: %s%n", from, rate, control);
    }
    throw new AssertionError("no scanner on " + from + " finds what is open");
  }

  private static Map<String, Set<Integer>> scanned(String from, int rate) {
    var own = ADDRESSES.getOrDefault(from, "");
    // A machine that holds the virtual address would scan itself there, where all is open.
    var held = LAB.ssh(from, "ip -o -4 addr");
    var targets =
        Stream.concat(ADDRESSES.values().stream(), Stream.of(VIRTUAL_ADDRESS, HOST))
            .filter(address -> !address.equals(own))
            .filter(address -> !held.contains(" " + address + "/"))
            .toList();
    return PortScan.open(LAB, from, targets, rate);
  }

  private static Map<String, String> byMachine(Map<String, Set<Integer>> found) {
    // The virtual address is one of the balancers; what is open there is open on one of them.
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
    var asked =
        nodes.stream()
            .collect(
                toMap(
                    node -> node,
                    node ->
                        CompletableFuture.supplyAsync(
                            () -> LAB.ssh(node, Duration.ofMinutes(3), script))));
    return asked.entrySet().stream()
        .collect(toMap(Map.Entry::getKey, answer -> answer.getValue().join()));
  }
}
