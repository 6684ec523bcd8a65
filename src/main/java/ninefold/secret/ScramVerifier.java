package ninefold.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What PostgreSQL keeps instead of a password (RFC 5802, RFC 7677): it can check a login with it,
 * and nobody can log in with it.
 */
public final class ScramVerifier {
  private static final int ITERATIONS = 4096;
  private static final int SALT_BYTES = 16;
  private static final int KEY_BITS = 256;

  private ScramVerifier() {}

  /**
   * The verifier in PostgreSQL's form. The salt comes from cluster and user, so that an unchanged
   * stack changes nothing; it has to be unique, not secret.
   *
   * @param cluster the cluster's name
   * @param user the user's name
   * @param password printable ASCII, so that it needs no normalisation
   */
  public static String of(String cluster, String user, String password) {
    try {
      return of(Arrays.copyOf(sha256(cluster + "/" + user), SALT_BYTES), password);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA-256 and PBKDF2", e);
    }
  }

  static String of(byte[] salt, String password) throws GeneralSecurityException {
    var spec = new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, KEY_BITS);
    var salted =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    var stored = sha256(hmac(salted, "Client Key"));
    var base64 = Base64.getEncoder();
    return "SCRAM-SHA-256$%d:%s$%s:%s"
        .formatted(
            ITERATIONS,
            base64.encodeToString(salt),
            base64.encodeToString(stored),
            base64.encodeToString(hmac(salted, "Server Key")));
  }

  private static byte[] sha256(String text) throws GeneralSecurityException {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }
}
