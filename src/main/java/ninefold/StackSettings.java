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
  private static final List<String> SECRETS = List.of("sshPrivateKey", "caKey", "backupPassphrase");

  /** Keys of earlier versions, and their present names. */
  static final Map<String, String> RENAMED =
      Map.of(
          "authorityAlsoTrusted", "additionalTrustedCas",
          "authorityCertificate", "caCertificate",
          "authorityKey", "caKey");

  private static final String NO_HARM =
      "the stack's configuration has keys with former names; nothing was touched:\n";

  private final Config config;

  /**
   * Takes the settings.
   *
   * @param isSecret whether the stack's configuration keeps a key, {@code ninefold:KEY}, encrypted
   * @throws UnusableSettingsException if a key has a former name, or a secret is not encrypted
   */
  StackSettings(Config config, Predicate<String> isSecret) {
    this.config = config;
    requirePresentNames();
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

  private void requirePresentNames() {
    var former = RENAMED.keySet().stream().filter(key -> given(key).isPresent()).sorted().toList();
    if (!former.isEmpty()) {
      throw new UnusableSettingsException(
          former.stream().map(StackSettings::rename).collect(joining("\n", NO_HARM, "")));
    }
  }

  private static String rename(String former) {
    var present = RENAMED.get(former);
    return """
          ninefold:%1$s is now ninefold:%2$s; move its value:
            pulumi config get ninefold:%1$s | pulumi config set %3$sninefold:%2$s
            pulumi config rm ninefold:%1$s"""
        .formatted(former, present, SECRETS.contains(present) ? "--secret " : "");
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
        given("additionalTrustedCas"),
        config.get("backupPassphrase").map(this::backupPassphrase));
  }

  private Output<String> backupPassphrase(String given) {
    BackupPassphrase.check(
        given, given("shortBackupPassphrase").filter("accepted"::equals).isPresent());
    return config.requireSecret("backupPassphrase");
  }

  private Optional<ExternalCa> authority() {
    var certificate = given("caCertificate");
    if (certificate.isEmpty() && given("caKey").isPresent()) {
      throw new UnusableCaException(
          "ninefold:caKey is set, and ninefold:caCertificate is not; nothing was touched. Set the"
              + " certificate too, or remove the key: pulumi config rm ninefold:caKey");
    }
    return certificate.map(signer -> ExternalCa.of(signer, config.require("caKey")));
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
