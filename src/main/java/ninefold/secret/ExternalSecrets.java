package ninefold.secret;

import com.pulumi.core.Output;
import java.util.Optional;

/**
 * Secrets from the stack's configuration, which replace generated ones.
 *
 * @param ca the CA that signs certificates
 * @param additionalTrustedCas certificates of CAs that are trusted in addition, PEM: before one of
 *     them signs, and after
 * @param backupPassphrase the repository's passphrase, secret
 */
public record ExternalSecrets(
    Optional<ExternalCa> ca,
    Optional<String> additionalTrustedCas,
    Optional<Output<String>> backupPassphrase) {

  /** No external secrets. */
  public static final ExternalSecrets NONE =
      new ExternalSecrets(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Checks the certificates, and marks the passphrase as secret.
   *
   * @throws UnusableCaException if an additional certificate is not a CA's, or not valid now
   */
  public ExternalSecrets {
    additionalTrustedCas =
        additionalTrustedCas.map(
            text -> {
              ExternalCa.requireCas("ninefold:additionalTrustedCas", text);
              return String.join("", ExternalCa.blocks(text));
            });
    backupPassphrase = backupPassphrase.map(Output::asSecret);
  }
}
