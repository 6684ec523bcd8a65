package ninefold.hive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.crypto.spec.SecretKeySpec;

/**
 * A credential store as Hadoop's {@code localjceks} provider reads it. It is opened with Hadoop's
 * usual password, which is known to all: the file's mode is what protects it.
 */
final class CredentialStore {
  private static final char[] USUAL_PASSWORD = "none".toCharArray();

  private CredentialStore() {}

  /** A store that holds one credential. */
  static byte[] of(String alias, String credential) {
    try {
      var store = KeyStore.getInstance("JCEKS");
      store.load(null, USUAL_PASSWORD);
      store.setKeyEntry(
          alias, new SecretKeySpec(credential.getBytes(UTF_8), "AES"), USUAL_PASSWORD, null);
      var bytes = new ByteArrayOutputStream();
      store.store(bytes, USUAL_PASSWORD);
      return bytes.toByteArray();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java can't make a JCEKS key store", e);
    }
  }
}
