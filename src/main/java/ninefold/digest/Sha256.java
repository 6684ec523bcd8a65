package ninefold.digest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 digests. */
public final class Sha256 {
  private Sha256() {}

  /** The digest of some bytes, 32 bytes long. */
  public static byte[] of(byte[] bytes) {
    return algorithm().digest(bytes);
  }

  /** The digest of a text's UTF-8 encoding, 32 bytes long. */
  public static byte[] of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The digest of a file as {@code sha256sum} prints it: 64 hexadecimal digits.
   *
   * @throws UncheckedIOException if the file cannot be read
   */
  public static String hex(Path file) {
    try (InputStream bytes = Files.newInputStream(file)) {
      var digest = algorithm();
      new DigestInputStream(bytes, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  private static MessageDigest algorithm() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
