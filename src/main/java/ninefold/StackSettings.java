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

/** The keys of a stack's configuration in the namespace {@code ninefold}. */
final class StackSettings {
  /** The keys whose values must be encrypted in {@code Pulumi.NAME.yaml}. */
  private static final List<String> SECRETS = List.of("sshPrivateKey", "caKey", "backupPassphrase");

  /** The present names of keys, by their former names. */
  static final Map<String, String> RENAMED =
      Map.of(
          "authorityAlsoTrusted", "additionalTrustedCas",
          "authorityCertificate", "caCertificate",
          "authorityKey", "caKey");

  private static final String FORMER_NAMES =
      "the stack's configuration has keys with former names; nothing was touched:\n";

  private final Config config;

  /**
   * Reads the settings.
   *
   * @param isSecret whether the value of a key, {@code ninefold:KEY}, is encrypted in the stack's
   *     configuration
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
      throw new UnusableSettingsException(notEncrypted(plain));
    }
  }

  private void requirePresentNames() {
    var former = RENAMED.keySet().stream().filter(key -> value(key).isPresent()).sorted().toList();
    if (!former.isEmpty()) {
      throw new UnusableSettingsException(
          former.stream().map(StackSettings::rename).collect(joining("\n", FORMER_NAMES, "")));
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

  private static String notEncrypted(List<String> keys) {
    return keys.stream()
        .map(key -> "%n  pulumi config set --secret %s < FILE".formatted(key))
        .collect(
            joining(
                "",
                String.join(", ", keys)
                    + ": the stack's configuration holds this in plain text; no machine was"
                    + " touched. Set it again as a secret. If a copy of Pulumi.NAME.yaml has left"
                    + " this machine, for example through git, use a new key or passphrase:",
                ""));
  }

  /** Returns the path of the description, relative to the project's root. */
  String description() {
    return config.require("cluster");
  }

  /** Returns the private key of the administrator of existing hosts, which is a secret. */
  String sshPrivateKey() {
    return config.require("sshPrivateKey");
  }

  /** Returns host keys by address. The setting has the format of known_hosts and ssh-keyscan. */
  Map<String, String> knownHosts() {
    return value("knownHosts").map(KnownHosts::parse).orElse(Map.of());
  }

  /** Returns the external CA and passphrase that replace those that the stack would create. */
  ExternalSecrets secrets() {
    return new ExternalSecrets(
        externalCa(),
        value("additionalTrustedCas"),
        config.get("backupPassphrase").map(this::backupPassphrase));
  }

  private Output<String> backupPassphrase(String passphrase) {
    BackupPassphrase.check(
        passphrase, value("shortBackupPassphrase").filter("accepted"::equals).isPresent());
    return config.requireSecret("backupPassphrase");
  }

  private Optional<ExternalCa> externalCa() {
    var certificate = value("caCertificate");
    if (certificate.isEmpty() && value("caKey").isPresent()) {
      throw new UnusableCaException(
          "ninefold:caKey is set, and ninefold:caCertificate is not; nothing was touched. Set the"
              + " certificate too, or remove the key: pulumi config rm ninefold:caKey");
    }
    return certificate.map(ca -> ExternalCa.of(ca, config.require("caKey")));
  }

  /** Returns the settings of this workstation that override those of the description's VMs. */
  LibvirtSettings libvirt() {
    return new LibvirtSettings(
        value("libvirtUri"),
        value("domainType").map(LibvirtSettings::domainType),
        value("baseImage"),
        value("hypervisorKey").map(Path::of));
  }

  /**
   * Returns an optional setting. Its default in {@code Pulumi.yaml} is empty, so blank is absent.
   */
  private Optional<String> value(String key) {
    return config.get(key).filter(value -> !value.isBlank());
  }
}
