package ninefold;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;

/** The host key of a test's ssh server. */
public final class HostKeys {
  private HostKeys() {}

  /** A new one, of the kind ecdsa-sha2-nistp256. */
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
