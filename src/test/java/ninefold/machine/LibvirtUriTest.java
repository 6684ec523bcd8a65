package ninefold.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import ninefold.description.Machines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibvirtUriTest {
  private static final String HOST_KEY = "ssh-ed25519 " + "A".repeat(68);

  @TempDir Path folder;

  @Test
  void localUri_isUnchanged() {
    assertThat(uri("qemu:///system", Optional.empty())).isEqualTo("qemu:///system");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void sshUri_namesKnownHostsAndPrivateKey() throws Exception {
    var key = Files.writeString(folder.resolve("key"), "a key");

    var uri = uri("qemu+ssh://root@10.0.0.1/system", Optional.of(key));

    assertThat(uri)
        .startsWith("qemu+ssh://root@10.0.0.1/system?sshauth=privkey&keyfile=")
        .endsWith("&knownhosts=" + encoded(folder.resolve("kvm1.known_hosts")));
    assertThat(folder.resolve("kvm1.known_hosts")).hasContent("10.0.0.1 " + HOST_KEY);
  }

  @Test
  void port_isPartOfKnownHost() {
    var uri = uri("qemu+ssh://root@10.0.0.1:2222/system?socket=/run/s", Optional.empty());

    assertThat(uri).contains("?socket=/run/s&sshauth=privkey&knownhosts=");
    assertThat(folder.resolve("kvm1.known_hosts")).hasContent("[10.0.0.1]:2222 " + HOST_KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no_verify=1", "a=b&known_hosts_verify=ignore", "knownhosts=/dev/null"})
  void hostKeyVerification_cannotBeSwitchedOff(String query) {
    assertThatThrownBy(() -> uri("qemu+ssh://root@10.0.0.1/system?" + query, Optional.empty()))
        .isInstanceOf(UnusableMachinesException.class)
        .hasMessageContaining("kvm1")
        .hasMessageContaining("hostKey");
  }

  @Test
  void missingPrivateKey_isReported() {
    var missing = folder.resolve("missing");

    assertThatThrownBy(() -> uri("qemu+ssh://root@10.0.0.1/system", Optional.of(missing)))
        .isInstanceOf(UnusableMachinesException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("ninefold:hypervisorKey");
  }

  private String uri(String uri, Optional<Path> key) {
    var hypervisor =
        new Machines.Hypervisor(
            "kvm1",
            uri,
            Optional.of(HOST_KEY),
            Optional.of("br0"),
            List.of(new Machines.Pool("ssd", "/srv/ssd", true)));
    return new LibvirtUri(hypervisor, key, folder).text();
  }

  private static String encoded(Path path) {
    return path.toString().replace("/", "%2F");
  }
}
