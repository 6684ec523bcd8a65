package ninefold.secret;

import static java.util.Comparator.naturalOrder;

import com.pulumi.core.Output;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * A CA that the stack does not create: the users' own root or intermediate CA.
 *
 * @param certificate the certificate that signs, PEM, followed by its issuers up to the root
 * @param key its private key, PEM, secret
 */
public record ExternalCa(String certificate, Output<String> key) {
  private static final String SETTING = "ninefold:caCertificate";

  // RFC 5280 requires these extensions in a CA's certificate. Python checks this with
  // VERIFY_X509_STRICT, and so does Patroni.
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";

  private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";

  /** The index of keyCertSign in {@link X509Certificate#getKeyUsage}. */
  private static final int CERT_SIGN = 5;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", Pattern.DOTALL);

  /**
   * Checks the certificates.
   *
   * @throws UnusableCaException if one is not a valid CA's, or the chain does not end with a root
   */
  public ExternalCa {
    var chain = requireCas(SETTING, certificate);
    for (int i = 1; i < chain.size(); i++) {
      requireSignature(chain.get(i), chain.get(i - 1));
    }
    var root = chain.get(chain.size() - 1);
    requireSignature(root, root);
    key = key.asSecret();
  }

  /**
   * Creates an external CA with a plain private key.
   *
   * @param certificate the certificate that signs, PEM, followed by its issuers up to the root
   * @param key its private key, PEM, in any common encoding
   * @throws UnusableCaException if the key is not the certificate's, or as in the constructor
   */
  public static ExternalCa of(String certificate, String key) {
    var pkcs8 = pkcs8(key);
    // Normalize to PKCS#8: the provider that signs does not read other encodings or leading text.
    var ca = new ExternalCa(certificate, Output.ofSecret(pem(pkcs8)));
    var signer = parse(SETTING, certificate).get(0).getPublicKey();
    if (!isKeyOf(signer, pkcs8)) {
      throw new UnusableCaException(
          "ninefold:caKey is not the key of ninefold:caCertificate; nothing was"
              + " touched. Set a certificate and its own key.");
    }
    return ca;
  }

  /** The first private key in a text, as PKCS#8: the only encoding that Java reads. */
  private static byte[] pkcs8(String key) {
    try (var parser = new PEMParser(new StringReader(key))) {
      for (var object = parser.readObject(); object != null; object = parser.readObject()) {
        if (object instanceof PEMKeyPair pair) {
          return pair.getPrivateKeyInfo().getEncoded();
        }
        if (object instanceof PrivateKeyInfo info) {
          return info.getEncoded();
        }
      }
    } catch (IOException e) {
      throw new UnusableCaException(
          "ninefold:caKey is not valid PEM: %s; nothing was touched. Set the private key in PEM format."
              .formatted(e.getMessage()),
          e);
    }
    throw new UnusableCaException(
        "ninefold:caKey contains no unencrypted private key; nothing was touched. Set the private key"
            + " in PEM format, without a passphrase.");
  }

  private static String pem(byte[] pkcs8) {
    var text = new StringWriter();
    try (var writer = new PemWriter(text)) {
      writer.writeObject(new PemObject("PRIVATE KEY", pkcs8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write PEM to memory", e);
    }
    return text.toString();
  }

  /** Whether a private key belongs to a public key: signs with one, and verifies with the other. */
  private static boolean isKeyOf(PublicKey publicKey, byte[] pkcs8) {
    try {
      var key =
          KeyFactory.getInstance(publicKey.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      var algorithm =
          switch (publicKey.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> publicKey.getAlgorithm();
          };
      var signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(publicKey.getEncoded());
      var signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(publicKey.getEncoded());
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      // The keys are of different types.
      return false;
    }
  }

  /** The certificates that a service sends after its own: all of the chain but the root. */
  String intermediates() {
    var blocks = blocks(certificate);
    return String.join("", blocks.subList(0, blocks.size() - 1));
  }

  /** The certificate that signs, and its issuers up to the root. */
  String chain() {
    return String.join("", blocks(certificate));
  }

  /** The certificate that signs. */
  String signer() {
    return blocks(certificate).get(0);
  }

  /** When the first certificate of the chain expires, in RFC 3339. */
  String expiry() {
    return firstExpiry(SETTING, certificate);
  }

  /** When the first certificate in a setting's value expires, in RFC 3339. */
  static String firstExpiry(String setting, String text) {
    return parse(setting, text).stream()
        .map(certificate -> certificate.getNotAfter().toInstant())
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
        throw new UnusableCaException(
            setting + " contains no certificate; nothing was touched. Set it in PEM format.");
      }
      return certificates;
    } catch (GeneralSecurityException e) {
      throw new UnusableCaException(
          "%s is not a valid certificate: %s; nothing was touched. Set it in PEM format."
              .formatted(setting, e.getMessage()),
          e);
    }
  }

  /**
   * The certificates in a setting's value.
   *
   * @throws UnusableCaException if one is not a CA's, or not valid now
   */
  static List<X509Certificate> requireCas(String setting, String text) {
    var certificates = parse(setting, text);
    certificates.forEach(certificate -> requireCa(setting, certificate));
    return certificates;
  }

  private static void requireCa(String setting, X509Certificate certificate) {
    var name = certificate.getSubjectX500Principal().getName();
    try {
      certificate.checkValidity();
    } catch (CertificateException e) {
      throw new UnusableCaException(
          "%s: %s is valid from %s to %s, so every service would refuse the certificates that it signs;"
                  .formatted(
                      setting,
                      name,
                      certificate.getNotBefore().toInstant(),
                      certificate.getNotAfter().toInstant())
              + " nothing was touched. Set a valid certificate, or remove this one if it is only trusted"
              + " in addition.",
          e);
    }
    if (certificate.getBasicConstraints() < 0) {
      throw new UnusableCaException(
          setting + ": " + name + " is not a CA (CA:TRUE is missing); nothing was touched.");
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
              + " lacks extensions that strict clients require; nothing was touched. It needs"
              + " basicConstraints (critical), keyUsage with keyCertSign, and subjectKeyIdentifier.");
    }
  }

  private static void requireSignature(X509Certificate issuer, X509Certificate certificate) {
    try {
      certificate.verify(issuer.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new UnusableCaException(
          SETTING
              + ": "
              + certificate.getSubjectX500Principal().getName()
              + " is not signed by "
              + issuer.getSubjectX500Principal().getName()
              + "; nothing was touched. Set the certificate that signs first, then its issuers, the"
              + " root last.",
          e);
    }
  }

  /** The PEM blocks of the certificates in a text, without the text around them. */
  static List<String> blocks(String text) {
    return BLOCK.matcher(text).results().map(block -> block.group() + "\n").toList();
  }
}
