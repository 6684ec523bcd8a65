package ninefold;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.KeyPair;
import java.io.ByteArrayOutputStream;

/**
 * An administrator's ssh key.
 *
 * @param privateText the private key, as ssh-keygen writes it to a file
 * @param publicText the public key, as {@code TYPE KEY}
 */
public record SshKey(String privateText, String publicText) {

  /** Creates a key. */
  public static SshKey make() {
    var pair = pair();
    var text = new ByteArrayOutputStream();
    pair.writePrivateKey(text);
    var open = new ByteArrayOutputStream();
    pair.writePublicKey(open, "");
    return new SshKey(text.toString(US_ASCII), open.toString(US_ASCII).strip());
  }

  /** Creates a key that is encrypted with a passphrase, and returns its text. */
  public static String lockedBy(String passphrase) {
    var text = new ByteArrayOutputStream();
    pair().writePrivateKey(text, passphrase.getBytes(US_ASCII));
    return text.toString(US_ASCII);
  }

  private static KeyPair pair() {
    try {
      return KeyPair.genKeyPair(new JSch(), KeyPair.ECDSA, 256);
    } catch (JSchException e) {
      throw new IllegalStateException(e);
    }
  }
}
