package ninefold;

import com.pulumi.Config;
import com.pulumi.core.Output;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.machine.KnownHosts;
import ninefold.machine.LibvirtSettings;
import ninefold.secret.GivenAuthority;
import ninefold.secret.UnusableAuthority;

/** What a stack's configuration says, in the namespace {@code ninefold}. */
final class StackSettings {
  private final Config config;

  StackSettings(Config config) {
    this.config = config;
  }

  /** The path of the description, from the project's root. */
  String description() {
    return config.require("cluster");
  }

  /** The private key of the administrator of given hosts, secret. */
  Output<String> sshPrivateKey() {
    return config.requireSecret("sshPrivateKey");
  }

  /** Host keys by address, from text in the form of known_hosts, as ssh-keyscan prints it. */
  Map<String, String> knownHosts() {
    return given("knownHosts").map(KnownHosts::parse).orElse(Map.of());
  }

  /** The authority that signs certificates, if the stack gives it; otherwise one is made. */
  Optional<GivenAuthority> authority() {
    var certificate = given("authorityCertificate");
    for (var beside : List.of("authorityKey", "authorityAlsoTrusted")) {
      if (certificate.isEmpty() && given(beside).isPresent()) {
        throw new UnusableAuthority(
            "ninefold:%1$s is set, and ninefold:authorityCertificate is not; nothing was touched. Set the certificate too, or remove the other: pulumi config rm ninefold:%1$s"
                .formatted(beside));
      }
    }
    return certificate.map(
        signer ->
            GivenAuthority.of(
                signer, config.require("authorityKey"), given("authorityAlsoTrusted")));
  }

  /** The passphrase of the repository, if the stack gives it; otherwise one is made. */
  Optional<Output<String>> backupPassphrase() {
    return config.get("backupPassphrase").map(given -> config.requireSecret("backupPassphrase"));
  }

  /** What this workstation puts in the place of the description's virtual machines. */
  LibvirtSettings libvirt() {
    return new LibvirtSettings(
        given("libvirtUri"),
        given("domainType").map(LibvirtSettings::domainType),
        given("baseImage"),
        given("hypervisorKey").map(Path::of));
  }

  /** A setting that may be left out; the project's own default for those is an empty text. */
  private Optional<String> given(String key) {
    return config.get(key).filter(value -> !value.isBlank());
  }
}
