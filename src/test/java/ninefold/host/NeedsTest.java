package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.pulumi.core.Output;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NeedsTest {
  private static final TargetFile KEY = TargetFile.secret("/etc/key", "etcd:etcd", Output.of("x"));
  private static final Needs ETCD =
      new Needs(
          List.of("etcd-server", "etcd-client"),
          Map.of(),
          Map.of("etcd", new Port(2379, List.of("10.0.0.1"))),
          List.of(),
          List.of("/var/lib/etcd"),
          Map.of("net.core.somaxconn", "4096"),
          List.of(KEY));

  @Test
  void nothingAddsNothing() {
    assertThat(ETCD.and(Needs.NONE)).isEqualTo(ETCD);
    assertThat(Needs.NONE.and(ETCD)).isEqualTo(ETCD);
  }

  @Test
  void bothAreMetOnce() {
    var patroni =
        new Needs(
            List.of("patroni", "etcd-client"),
            Map.of("app", "/home/app"),
            Map.of("Patroni", new Port(8008, List.of())),
            List.of("10.0.0.7"),
            List.of("/var/lib/postgresql", "/var/lib/etcd"),
            Map.of("net.core.somaxconn", "4096", "vm.swappiness", "1"),
            List.of());

    var both = ETCD.and(patroni);

    assertThat(both.packages()).containsExactly("etcd-server", "etcd-client", "patroni");
    assertThat(both.users()).containsExactly(Map.entry("app", "/home/app"));
    assertThat(both.ports()).containsOnlyKeys("etcd", "Patroni");
    assertThat(both.vrrp()).containsExactly("10.0.0.7");
    assertThat(both.dataDirectories()).containsExactly("/var/lib/etcd", "/var/lib/postgresql");
    assertThat(both.settings()).hasSize(2).containsEntry("vm.swappiness", "1");
    assertThat(both.secrets()).containsExactly(KEY);
  }
}
