package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An external CA: an intermediate, CN=ours, which the root CA, CN=root, has signed.
 *
 * @param folder the folder with its files
 */
public record TestCa(Path folder) {
  private static final String MAKE =
      """
      set -euo pipefail
      rm -rf '%1$s'; mkdir -p '%1$s'; cd '%1$s'
      new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
      openssl req -x509 $new -days 8 -subj /CN=root -addext keyUsage=critical,keyCertSign \
        -keyout root.key -out root.crt
      openssl req $new -subj /CN=ours -keyout ours.key -out ours.csr
      for line in basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign \
        subjectKeyIdentifier=hash; do echo "$line"; done >authority
      openssl x509 -req -in ours.csr -CA root.crt -CAkey root.key -CAcreateserial -days 9 \
        -extfile authority -out ours.crt
      """;

  /** Creates a CA. */
  public static TestCa make(Path folder) {
    var ended = TestProcess.run("bash", "-c", MAKE.formatted(folder));
    assertThat(ended.status()).as(ended.output()).isZero();
    return new TestCa(folder);
  }

  /** Returns the certificate of the intermediate, then the root's. */
  public String certificates() {
    return read("ours.crt") + read("root.crt");
  }

  /** Returns the key of the intermediate. */
  public String key() {
    return read("ours.key");
  }

  /** Returns the root's key, which the stack must not need. */
  public String rootKey() {
    return read("root.key");
  }

  private String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
