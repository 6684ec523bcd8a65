package ninefold.secret;

import com.pulumi.core.Output;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/**
 * An authority that is not made by the stack: one of its users' own, or an intermediate of it.
 *
 * @param certificate the certificate that signs, PEM, followed by those that vouch for it up to the
 *     root
 * @param key its private key, PEM, secret
 * @param alsoTrusted further authorities that are trusted, PEM
 */
public record GivenAuthority(String certificate, Output<String> key, Optional<String> alsoTrusted) {

  /**
   * Python's strict checks, and with them Patroni's, ask for these in an authority's certificate.
   */
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";

  private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
  private static final int CERT_SIGN = 5;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", Pattern.DOTALL);

  /** Refuses what is no authority's certificate. */
  public GivenAuthority {
    var chain = parse("ninefold:authorityCertificate", certificate);
    chain.forEach(GivenAuthority::requireAuthority);
    for (int i = 1; i < chain.size(); i++) {
      vouches(chain.get(i), chain.get(i - 1));
    }
    var root = chain.get(chain.size() - 1);
    vouches(root, root);
    alsoTrusted.ifPresent(text -> parse("ninefold:authorityAlsoTrusted", text));
    key = key.asSecret();
  }

  /** The same of a key in plain, PEM, which must be the certificate's own. */
  public static GivenAuthority of(String certificate, String key, Optional<String> alsoTrusted) {
    var authority = new GivenAuthority(certificate, Output.ofSecret(key), alsoTrusted);
    var signer = parse("ninefold:authorityCertificate", certificate).get(0).getPublicKey();
    if (!belong(signer, pkcs8(key))) {
      throw new UnusableAuthority(
          "ninefold:authorityKey is not the key of ninefold:authorityCertificate; nothing was"
              + " touched. Set the two that belong together.");
    }
    return authority;
  }

  /** Keys come in several forms; Java knows one of them. */
  private static byte[] pkcs8(String key) {
    try (var parser = new PEMParser(new StringReader(key))) {
      for (var part = parser.readObject(); part != null; part = parser.readObject()) {
        if (part instanceof PEMKeyPair pair) {
          return pair.getPrivateKeyInfo().getEncoded();
        }
        if (part instanceof PrivateKeyInfo info) {
          return info.getEncoded();
        }
      }
    } catch (IOException e) {
      throw new UnusableAuthority("ninefold:authorityKey can't be read: " + e.getMessage(), e);
    }
    throw new UnusableAuthority(
        "ninefold:authorityKey holds no private key that is not encrypted. Give it as PEM.");
  }

  private static boolean belong(PublicKey open, byte[] secret) {
    try {
      var key =
          KeyFactory.getInstance(open.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(secret));
      var algorithm =
          switch (open.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> open.getAlgorithm();
          };
      var signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(open.getEncoded());
      var signed = signature.sign();
      signature.initVerify(open);
      signature.update(open.getEncoded());
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      // A key of another kind.
      return false;
    }
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

  private static void requireAuthority(X509Certificate certificate) {
    var name = certificate.getSubjectX500Principal().getName();
    if (certificate.getBasicConstraints() < 0) {
      throw new UnusableAuthority(
          "ninefold:authorityCertificate: " + name + " is no authority (CA:TRUE is missing).");
    }
    var usage = certificate.getKeyUsage();
    var critical = certificate.getCriticalExtensionOIDs();
    if (usage == null
        || !usage[CERT_SIGN]
        || critical == null
        || !critical.contains(BASIC_CONSTRAINTS)
        || certificate.getExtensionValue(SUBJECT_KEY_IDENTIFIER) == null) {
      throw new UnusableAuthority(
          "ninefold:authorityCertificate: "
              + name
              + " lacks what strict clients ask for. It needs basicConstraints (critical), keyUsage"
              + " with keyCertSign, and subjectKeyIdentifier.");
    }
  }

  private static void vouches(X509Certificate parent, X509Certificate child) {
    try {
      child.verify(parent.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new UnusableAuthority(
          "ninefold:authorityCertificate: "
              + child.getSubjectX500Principal().getName()
              + " is not signed by "
              + parent.getSubjectX500Principal().getName()
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
