package ninefold.secret;

import com.pulumi.core.Output;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An authority that is not made by the stack: one of its users' own, or an intermediate of it.
 *
 * @param certificate the certificate that signs, PEM, followed by those that vouch for it up to the
 *     root
 * @param key its private key, PEM, secret
 * @param alsoTrusted further authorities that are trusted, PEM
 */
public record GivenAuthority(String certificate, Output<String> key, Optional<String> alsoTrusted) {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", Pattern.DOTALL);

  /** Refuses what is no authority's certificate. */
  public GivenAuthority {
    var chain = parse("ninefold:authorityCertificate", certificate);
    for (int i = 1; i < chain.size(); i++) {
      vouches(chain.get(i), chain.get(i - 1));
    }
    var root = chain.get(chain.size() - 1);
    vouches(root, root);
    alsoTrusted.ifPresent(text -> parse("ninefold:authorityAlsoTrusted", text));
    key = key.asSecret();
  }

  /** What a service shows beside its own certificate: all that vouch for it, but for the root. */
  String intermediates() {
    var blocks = blocks(certificate);
    return String.join("", blocks.subList(0, blocks.size() - 1));
  }

  /** All that is trusted. */
  String trusted() {
    return String.join("", blocks(certificate))
        + alsoTrusted.map(text -> String.join("", blocks(text))).orElse("");
  }

  /** The certificate that signs. */
  String signer() {
    return blocks(certificate).get(0);
  }

  /** When the certificate that signs ends. */
  String end() {
    return parse("ninefold:authorityCertificate", certificate)
        .get(0)
        .getNotAfter()
        .toInstant()
        .toString();
  }

  /**
   * A certificate that was signed by this authority's key, as it is; the key fits, or it doesn't.
   */
  String proven(String signed) {
    try {
      var own = parse("ninefold:authorityCertificate", certificate).get(0);
      parse("certificate", signed).get(0).verify(own.getPublicKey());
      return signed;
    } catch (GeneralSecurityException e) {
      throw new UnusableAuthority(
          "ninefold:authorityKey is not the key of ninefold:authorityCertificate; no machine"
              + " was given a certificate. Set the two that belong together.",
          e);
    }
  }

  private static List<X509Certificate> parse(String where, String text) {
    try {
      var certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (certificates.isEmpty()) {
        throw new UnusableAuthority(where + " holds no certificate. Give it as PEM.");
      }
      return certificates;
    } catch (GeneralSecurityException e) {
      throw new UnusableAuthority(where + " can't be read: " + e.getMessage(), e);
    }
  }

  private static void vouches(X509Certificate parent, X509Certificate child) {
    var name = parent.getSubjectX500Principal().getName();
    if (parent.getBasicConstraints() < 0) {
      throw new UnusableAuthority(
          "ninefold:authorityCertificate: " + name + " is no authority (CA:TRUE is missing).");
    }
    try {
      child.verify(parent.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new UnusableAuthority(
          "ninefold:authorityCertificate: "
              + child.getSubjectX500Principal().getName()
              + " is not signed by "
              + name
              + ". Give the certificate that signs first, then those that vouch for it, the root"
              + " last.",
          e);
    }
  }

  /** The certificates in a text, each with its own first and last line. */
  private static List<String> blocks(String text) {
    return BLOCK.matcher(text).results().map(found -> found.group() + "\n").toList();
  }
}
