package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.pulumi.core.Output;
import java.util.List;
import java.util.Map;
import ninefold.render.TargetFile;
import org.junit.jupiter.api.Test;

class HostRequirementsTest {
  private static final TargetFile KEY = TargetFile.secret("/etc/key", "etcd:etcd", Output.of("x"));
  private static final HostRequirements ETCD =
      HostRequirements.builder()
          .packages(List.of("etcd-server", "etcd-client"))
          .port("etcd", 2379, List.of("10.0.0.1"))
          .data("/var/lib/etcd")
          .settings(Map.of("net.core.somaxconn", "4096"))
          .secrets(List.of(KEY))
          .immutable("etcd", "at 10.0.0.1")
          .build();

  @Test
  void mergingNone_changesNothing() {
    assertThat(ETCD.merge(HostRequirements.NONE)).isEqualTo(ETCD);
    assertThat(HostRequirements.NONE.merge(ETCD)).isEqualTo(ETCD);
  }

  @Test
  void mergedRequirements_haveNoDuplicates() {
    var patroni =
        HostRequirements.builder()
            .packages(List.of("patroni", "etcd-client"))
            .user("app", "/home/app")
            .port("Patroni", 8008, List.of())
            .vrrp(List.of("10.0.0.7"))
            .data("/var/lib/postgresql")
            .data("/var/lib/etcd")
            .settings(Map.of("net.core.somaxconn", "4096", "vm.swappiness", "1"))
            .scripts("host", "step")
            .build();

    var both = ETCD.merge(patroni);

    assertThat(both.packages()).containsExactly("etcd-server", "etcd-client", "patroni");
    assertThat(both.users()).containsExactly(Map.entry("app", "/home/app"));
    assertThat(both.ports()).containsOnlyKeys("etcd", "Patroni");
    assertThat(both.vrrp()).containsExactly("10.0.0.7");
    assertThat(both.dataDirectories()).containsExactly("/var/lib/etcd", "/var/lib/postgresql");
    assertThat(both.settings()).hasSize(2).containsEntry("vm.swappiness", "1");
    assertThat(both.secrets()).containsExactly(KEY);
    assertThat(both.scripts()).containsOnlyKeys("step");
    assertThat(both.immutables()).containsExactly(Map.entry("etcd", "at 10.0.0.1"));
  }
}
