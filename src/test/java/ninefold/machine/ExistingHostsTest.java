package ninefold.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.pulumi.test.PulumiTest;
import java.util.List;
import java.util.Map;
import ninefold.Descriptions;
import ninefold.host.Host;
import ninefold.host.WipeScope;
import ninefold.ssh.MissingHostKeysException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExistingHostsTest {
  private static final String NAMED = "ssh-ed25519 " + "N".repeat(68);

  @AfterEach
  void cleanUp() {
    PulumiTest.cleanup();
  }

  @Test
  void hostsWithoutHostKey_areReported() {
    assertThatThrownBy(() -> hosts("", Map.of("10.0.0.2", "ssh-ed25519 BBBB")))
        .isInstanceOf(MissingHostKeysException.class)
        .hasMessageContaining("node a (10.0.0.1)")
        .hasMessageContaining("node c (10.0.0.3)")
        .hasMessageContaining("ninefold:knownHosts")
        .hasMessageNotContaining("node b");
  }

  @Test
  void describedHostKey_overridesConfiguration() {
    var keys =
        Map.of("10.0.0.1", "ssh-ed25519 AAAA", "b.lan", "ssh-ed25519 BBBB", "10.0.0.3", NAMED);

    var hosts = hosts("hostKey: %s".formatted(NAMED), keys);

    assertThat(hosts)
        .extracting(ExistingHostsTest::hostKey)
        .containsExactly(NAMED, "ssh-ed25519 BBBB", NAMED);
  }

  @Test
  void hostsOutliveTheStack_andKeepTheirData() {
    var keys = Map.of("10.0.0.1", NAMED, "b.lan", NAMED, "10.0.0.3", NAMED);

    assertThat(hosts("memory: 1GiB", keys))
        .allMatch(Host::lasting)
        .allMatch(host -> host.wiped().equals(WipeScope.NOTHING))
        .allMatch(host -> host.madeBy().isEmpty());
  }

  /** Node b has its ssh server at another address. */
  private static List<Host> hosts(String ofNodeA, Map<String, String> knownHosts) {
    var more = ofNodeA.isEmpty() ? "" : ", " + ofNodeA;
    var address = ofNodeA.isEmpty() ? "" : ", sshAddress: b.lan";
    var cluster =
        Descriptions.cluster(
            """
            name: trio
            network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
            machines: {kind: given}
            nodes:
              - {name: a, address: 10.0.0.1, roles: [postgres, etcd, balancer]%s}
              - {name: b, address: 10.0.0.2, roles: [postgres, etcd]%s}
              - {name: c, address: 10.0.0.3, roles: [etcd, repository]}
            """
                .formatted(more, address));
    return new ExistingHosts(cluster, "private", knownHosts).hosts();
  }

  private static String hostKey(Host host) {
    return PulumiTest.extractValue(
        PulumiTest.extractValue(host.connection()).hostKey().orElseThrow());
  }
}
