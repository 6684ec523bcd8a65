package ninefold.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownHostsTest {
  @Test
  void readsTheOutputOfSshKeyscan() {
    assertThat(
            KnownHosts.parse(
                """
                # 10.0.0.1:22 SSH-2.0-OpenSSH_10.0p2
                10.0.0.1 ssh-rsa AAAArsa
                10.0.0.1 ecdsa-sha2-nistp256 AAAAecdsa
                10.0.0.1 ssh-ed25519 AAAAed25519

                10.0.0.2   ecdsa-sha2-nistp256\tAAAAother root@b
                """))
        .isEqualTo(
            Map.of(
                "10.0.0.1", "ssh-ed25519 AAAAed25519",
                "10.0.0.2", "ecdsa-sha2-nistp256 AAAAother"));
  }

  @Test
  void readsSeveralNamesAndOtherPorts() {
    assertThat(KnownHosts.parse("db1,10.0.0.1 ssh-ed25519 AAAA\n[10.0.0.2]:2222 ssh-ed25519 BBBB"))
        .isEqualTo(
            Map.of(
                "db1", "ssh-ed25519 AAAA",
                "10.0.0.1", "ssh-ed25519 AAAA",
                "10.0.0.2", "ssh-ed25519 BBBB"));
  }

  @Test
  void ignoresKeysThatCannotBePinned() {
    assertThat(
            KnownHosts.parse(
                """
                10.0.0.1 ssh-rsa AAAA
                @revoked 10.0.0.2 ssh-ed25519 BBBB
                # 10.0.0.3 ssh-ed25519 CCCC
                10.0.0.4 ssh-ed25519
                """))
        .isEmpty();
  }
}
