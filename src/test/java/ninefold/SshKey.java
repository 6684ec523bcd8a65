package ninefold;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.KeyPair;
import java.io.ByteArrayOutputStream;

/**
 * A key of an administrator.
 *
 * @param privateText as ssh-keygen writes it to a file
 * @param publicText its type and its public part
 */
public record SshKey(String privateText, String publicText) {

  /** Creates a key. */
  public static SshKey make() {
    var own = pair();
    var text = new ByteArrayOutputStream();
    own.writePrivateKey(text);
    var open = new ByteArrayOutputStream();
    own.writePublicKey(open, "");
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
