package ninefold.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import ninefold.digest.Sha256;

/**
 * SCRAM verifiers, which PostgreSQL stores instead of passwords (RFC 5802, RFC 7677). A verifier is
 * enough to check a login, but not to log in.
 */
public final class ScramVerifier {
  private static final int ITERATIONS = 4096;
  private static final int SALT_BYTES = 16;
  private static final int KEY_BITS = 256;

  private ScramVerifier() {}

  /**
   * The verifier in PostgreSQL's format. The salt is derived from cluster and user, so that an
   * unchanged stack changes nothing. A salt has to be unique, not secret.
   *
   * @param cluster the cluster's name
   * @param user the user's name
   * @param password printable ASCII, which needs no SASLprep normalization
   */
  public static String of(String cluster, String user, String password) {
    try {
      return of(Arrays.copyOf(Sha256.of(cluster + "/" + user), SALT_BYTES), password);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA-256 and PBKDF2", e);
    }
  }

  static String of(byte[] salt, String password) throws GeneralSecurityException {
    var spec = new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, KEY_BITS);
    var salted =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    var stored = Sha256.of(hmac(salted, "Client Key"));
    var base64 = Base64.getEncoder();
    return "SCRAM-SHA-256$%d:%s$%s:%s"
        .formatted(
            ITERATIONS,
            base64.encodeToString(salt),
            base64.encodeToString(stored),
            base64.encodeToString(hmac(salted, "Server Key")));
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }
}
