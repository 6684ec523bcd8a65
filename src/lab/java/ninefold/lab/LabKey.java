package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A key of the administrator, beside the lab's own.
 *
 * @param secret the private key
 * @param open the public key
 * @param fingerprint how sshd calls it
 */
record LabKey(String secret, String open, String fingerprint) {
  static final Path OF_THE_LAB = Path.of(".build/labs/containers/keys/admin").toAbsolutePath();

  /** Makes a key that no machine knows yet. */
  static LabKey make(Path file) throws IOException, InterruptedException {
    var open = Path.of(file + ".pub");
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    Files.deleteIfExists(open);
    said("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", file.toString());
    var fingerprint = said("ssh-keygen", "-l", "-f", open.toString()).split(" ", -1)[1];
    return new LabKey(Files.readString(file), Files.readString(open).strip(), fingerprint);
  }

  /** The key with which Pulumi reaches the machines from now on. */
  void useForTheStack() {
    useForTheStack(secret);
  }

  /** The same by the private key alone. */
  static void useForTheStack(String secret) {
    PulumiRun.of("config", "set", "--secret", "ninefold:sshPrivateKey")
        .reading(secret)
        .run()
        .succeeded();
  }

  private static String said(String... command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new LabFailure(String.join(" ", command) + ": " + said);
    }
    return said;
  }
}
