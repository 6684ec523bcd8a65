package ninefold.host;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.pulumi.test.PulumiTest;
import java.util.Map;
import ninefold.Descriptions;
import ninefold.render.TargetFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the apt sources of a machine for different descriptions. */
class AptSourcesTest {
  private static final String DEBIAN = "/etc/apt/sources.list.d/debian.sources";

  @AfterEach
  void forget() {
    PulumiTest.cleanup();
  }

  @Test
  void withoutASetting_theMachinesSourcesStay() {
    assertThat(files("{}")).isEmpty();
    assertThat(files("{proxy: 'http://proxy.example.net:3128'}"))
        .containsExactly(
            Map.entry(
                "/etc/apt/apt.conf.d/60ninefold",
                "Acquire::http::Proxy \"http://proxy.example.net:3128\";\n"));
  }

  @Test
  void withAMirrorOnly_securityUpdatesComeFromDebian() {
    assertThat(files("{mirror: 'http://mirror.example.net/debian'}"))
        .containsOnlyKeys(DEBIAN)
        .containsEntry(
            DEBIAN,
            """
            # Managed by Ninefold, rendered from templates/host/debian.sources.ftl. Change the description instead of this file.
            Types: deb
            URIs: http://mirror.example.net/debian
            Suites: trixie trixie-updates
            Components: main
            Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

            Types: deb
            URIs: http://security.debian.org/debian-security
            Suites: trixie-security
            Components: main
            Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
            """);
  }

  @Test
  void securityUpdates_comeFromTheirMirror() {
    assertThat(
            files(
                "{mirror: 'http://mirror.example.net/debian',"
                    + " securityMirror: 'http://mirror.example.net/security'}"))
        .hasEntrySatisfying(
            DEBIAN,
            text ->
                assertThat(text)
                    .contains("URIs: http://mirror.example.net/security\nSuites: trixie-security\n")
                    .doesNotContain("debian.org"));
  }

  @Test
  void pinnedVersion_isHeldAgainstEveryUpgrade() {
    assertThat(files("{versions: {pgbouncer: 1.24.*, patroni: 4.0.7-1}}"))
        .containsExactly(
            Map.entry(
                "/etc/apt/preferences.d/ninefold",
                """
                # Managed by Ninefold, rendered from templates/host/preferences.ftl. Change the description instead of this file.
                # Held at these versions, also during 'apt-get upgrade' and unattended upgrades.

                Package: patroni
                Pin: version 4.0.7-1
                Pin-Priority: 1001

                Package: pgbouncer
                Pin: version 1.24.*
                Pin-Priority: 1001
                """));
  }

  private static Map<String, String> files(String packages) {
    var cluster = Descriptions.three("4GiB", "packages: " + packages);
    return AptSources.files(cluster.packages()).stream()
        .collect(toMap(TargetFile::path, file -> PulumiTest.extractValue(file.text())));
  }
}
