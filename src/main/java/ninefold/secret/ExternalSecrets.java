package ninefold.secret;

import com.pulumi.core.Output;
import java.util.Optional;

/**
 * What a stack's configuration gives instead of what the program makes.
 *
 * @param authority the authority that signs certificates
 * @param alsoTrusted certificates of authorities that are trusted too, PEM: before one of them
 *     signs, and after
 * @param backupPassphrase the passphrase of the repository, secret
 */
public record ExternalSecrets(
    Optional<ExternalCa> authority,
    Optional<String> alsoTrusted,
    Optional<Output<String>> backupPassphrase) {

  /** Nothing is given. */
  public static final ExternalSecrets NONE =
      new ExternalSecrets(Optional.empty(), Optional.empty(), Optional.empty());

  /** Refuses what is no authority's certificate. */
  public ExternalSecrets {
    alsoTrusted =
        alsoTrusted.map(
            text -> {
              ExternalCa.authorities("ninefold:additionalTrustedCas", text);
              return String.join("", ExternalCa.blocks(text));
            });
    backupPassphrase = backupPassphrase.map(Output::asSecret);
  }
}
