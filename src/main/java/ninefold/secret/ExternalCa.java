package ninefold.secret;

import static java.util.Comparator.naturalOrder;

import com.pulumi.core.Output;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
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
 */
public record ExternalCa(String certificate, Output<String> key) {
  private static final String SETTING = "ninefold:caCertificate";

  /**
   * Python's strict checks, and with them Patroni's, ask for these in an authority's certificate.
   */
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";

  private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
  private static final int CERT_SIGN = 5;
  private static final int PEM_LINE = 64;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", Pattern.DOTALL);

  /** Refuses what is no authority's certificate. */
  public ExternalCa {
    var chain = authorities(SETTING, certificate);
    for (int i = 1; i < chain.size(); i++) {
      vouches(chain.get(i), chain.get(i - 1));
    }
    var root = chain.get(chain.size() - 1);
    vouches(root, root);
    key = key.asSecret();
  }

  /** The same of a key in plain, PEM, which must be the certificate's own. */
  public static ExternalCa of(String certificate, String key) {
    var plain = pkcs8(key);
    // Other forms, and what may stand before the key, not every reader knows.
    var authority = new ExternalCa(certificate, Output.ofSecret(pem(plain)));
    var signer = parse(SETTING, certificate).get(0).getPublicKey();
    if (!belong(signer, plain)) {
      throw new UnusableCaException(
          "ninefold:caKey is not the key of ninefold:caCertificate; nothing was"
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
      throw new UnusableCaException("ninefold:caKey can't be read: " + e.getMessage(), e);
    }
    throw new UnusableCaException(
        "ninefold:caKey holds no private key that is not encrypted. Give it as PEM.");
  }

  private static String pem(byte[] pkcs8) {
    var lines = Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encodeToString(pkcs8);
    return "-----BEGIN PRIVATE KEY-----\n" + lines + "\n-----END PRIVATE KEY-----\n";
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

  /** The certificate that signs, and those that vouch for it. */
  String chain() {
    return String.join("", blocks(certificate));
  }

  /** The certificate that signs. */
  String signer() {
    return blocks(certificate).get(0);
  }

  /** When the first of the certificate that signs and of those that vouch for it ends; RFC 3339. */
  String end() {
    return firstEnd(SETTING, certificate);
  }

  /** When the first of the certificates in the text of a setting ends; RFC 3339. */
  static String firstEnd(String setting, String text) {
    return parse(setting, text).stream()
        .map(it -> it.getNotAfter().toInstant())
        .min(naturalOrder())
        .orElseThrow()
        .toString();
  }

  private static List<X509Certificate> parse(String setting, String text) {
    try {
      var certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (certificates.isEmpty()) {
        throw new UnusableCaException(setting + " holds no certificate. Give it as PEM.");
      }
      return certificates;
    } catch (GeneralSecurityException e) {
      throw new UnusableCaException(setting + " can't be read: " + e.getMessage(), e);
    }
  }

  /** The certificates in the text of a setting, each of which can be an authority's. */
  static List<X509Certificate> authorities(String setting, String text) {
    var certificates = parse(setting, text);
    certificates.forEach(certificate -> requireAuthority(setting, certificate));
    return certificates;
  }

  private static void requireAuthority(String setting, X509Certificate certificate) {
    var name = certificate.getSubjectX500Principal().getName();
    try {
      certificate.checkValidity();
    } catch (CertificateException e) {
      throw new UnusableCaException(
          "%s: %s is valid from %s to %s only; what it vouches for would be refused everywhere."
                  .formatted(
                      setting,
                      name,
                      certificate.getNotBefore().toInstant(),
                      certificate.getNotAfter().toInstant())
              + " Nothing was touched. Give another, or leave it out where it is only trusted.",
          e);
    }
    if (certificate.getBasicConstraints() < 0) {
      throw new UnusableCaException(
          setting + ": " + name + " is no authority (CA:TRUE is missing).");
    }
    var usage = certificate.getKeyUsage();
    var critical = certificate.getCriticalExtensionOIDs();
    if (usage == null
        || !usage[CERT_SIGN]
        || critical == null
        || !critical.contains(BASIC_CONSTRAINTS)
        || certificate.getExtensionValue(SUBJECT_KEY_IDENTIFIER) == null) {
      throw new UnusableCaException(
          setting
              + ": "
              + name
              + " lacks what strict clients ask for. It needs basicConstraints (critical), keyUsage"
              + " with keyCertSign, and subjectKeyIdentifier.");
    }
  }

  private static void vouches(X509Certificate parent, X509Certificate child) {
    try {
      child.verify(parent.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new UnusableCaException(
          SETTING
              + ": "
              + child.getSubjectX500Principal().getName()
              + " is not signed by "
              + parent.getSubjectX500Principal().getName()
              + ". Give the certificate that signs first, then those that vouch for it, the root"
              + " last.",
          e);
    }
  }

  /** The certificates in a text, each with its own first and last line. */
  static List<String> blocks(String text) {
    return BLOCK.matcher(text).results().map(found -> found.group() + "\n").toList();
  }
}
