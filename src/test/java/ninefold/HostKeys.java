package ninefold;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;

/** Host keys for tests' ssh servers. */
public final class HostKeys {
  private HostKeys() {}

  /** Returns a new key of type ecdsa-sha2-nistp256. */
  public static KeyPair make() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
