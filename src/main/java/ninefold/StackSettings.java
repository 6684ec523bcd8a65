package ninefold;

import static java.util.stream.Collectors.joining;

import com.pulumi.Config;
import com.pulumi.core.Output;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import ninefold.machine.LibvirtSettings;
import ninefold.secret.BackupPassphrase;
import ninefold.secret.ExternalCa;
import ninefold.secret.ExternalSecrets;
import ninefold.secret.UnusableCaException;
import ninefold.ssh.KnownHosts;

/** What a stack's configuration says, in the namespace {@code ninefold}. */
final class StackSettings {
  /** What Pulumi.NAME.yaml must hold encrypted. */
  private static final List<String> SECRETS =
      List.of("sshPrivateKey", "authorityKey", "backupPassphrase");

  private final Config config;

  /**
   * Takes the settings.
   *
   * @param isSecret whether the stack's configuration keeps a key, {@code ninefold:KEY}, encrypted
   * @throws UnusableSettingsException if a secret stands there in plain
   */
  StackSettings(Config config, Predicate<String> isSecret) {
    this.config = config;
    var plain =
        SECRETS.stream()
            .filter(key -> config.get(key).filter(value -> !value.isBlank()).isPresent())
            .map(key -> "ninefold:" + key)
            .filter(key -> !isSecret.test(key))
            .toList();
    if (!plain.isEmpty()) {
      throw new UnusableSettingsException(inPlain(plain));
    }
  }

  private static String inPlain(List<String> keys) {
    return keys.stream()
        .map(key -> "%n  pulumi config set --secret %s < FILE".formatted(key))
        .collect(
            joining(
                "",
                String.join(", ", keys)
                    + ": the stack's configuration holds this in plain text; no machine was"
                    + " touched. Set it again as a secret. Where a copy of Pulumi.NAME.yaml has"
                    + " left this machine, as with git, take a new key or passphrase:",
                ""));
  }

  /** The path of the description, from the project's root. */
  String description() {
    return config.require("cluster");
  }

  /** The private key of the administrator of given hosts, secret. */
  String sshPrivateKey() {
    return config.require("sshPrivateKey");
  }

  /** Host keys by address, from text in the form of known_hosts, as ssh-keyscan prints it. */
  Map<String, String> knownHosts() {
    return given("knownHosts").map(KnownHosts::parse).orElse(Map.of());
  }

  /** What is given instead of what would be made: an authority, the repository's passphrase. */
  ExternalSecrets secrets() {
    return new ExternalSecrets(
        authority(),
        given("authorityAlsoTrusted"),
        config.get("backupPassphrase").map(this::backupPassphrase));
  }

  private Output<String> backupPassphrase(String given) {
    BackupPassphrase.check(
        given, given("shortBackupPassphrase").filter("accepted"::equals).isPresent());
    return config.requireSecret("backupPassphrase");
  }

  private Optional<ExternalCa> authority() {
    var certificate = given("authorityCertificate");
    if (certificate.isEmpty() && given("authorityKey").isPresent()) {
      throw new UnusableCaException(
          "ninefold:authorityKey is set, and ninefold:authorityCertificate is not; nothing was"
              + " touched. Set the certificate too, or remove the key: pulumi config rm"
              + " ninefold:authorityKey");
    }
    return certificate.map(signer -> ExternalCa.of(signer, config.require("authorityKey")));
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
