package ninefold.hive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.crypto.spec.SecretKeySpec;

/**
 * A credential store for Hadoop's {@code localjceks} provider. It has Hadoop's default password,
 * which is public, so only the file's mode protects it.
 */
final class CredentialStore {
  private static final char[] DEFAULT_PASSWORD = "none".toCharArray();

  private CredentialStore() {}

  /** Returns the bytes of a store with one credential. */
  static byte[] of(String alias, String credential) {
    try {
      var store = KeyStore.getInstance("JCEKS");
      store.load(null, DEFAULT_PASSWORD);
      store.setKeyEntry(
          alias, new SecretKeySpec(credential.getBytes(UTF_8), "AES"), DEFAULT_PASSWORD, null);
      var bytes = new ByteArrayOutputStream();
      store.store(bytes, DEFAULT_PASSWORD);
      return bytes.toByteArray();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this JVM cannot create a JCEKS key store", e);
    }
  }
}
