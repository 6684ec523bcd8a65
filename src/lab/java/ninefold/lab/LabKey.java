package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A further ssh key of the administrator.
 *
 * @param privateKey the private key
 * @param publicKey the public key
 * @param fingerprint the key's fingerprint as sshd logs it
 */
record LabKey(String privateKey, String publicKey, String fingerprint) {
  static final Path OF_THE_LAB = Path.of(".build/labs/containers/keys/admin").toAbsolutePath();

  /** Creates a key that no machine accepts yet. */
  static LabKey make(Path file) throws IOException, InterruptedException {
    var publicFile = Path.of(file + ".pub");
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    Files.deleteIfExists(publicFile);
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", file.toString());
    var fingerprint = run("ssh-keygen", "-l", "-f", publicFile.toString()).split(" ", -1)[1];
    return new LabKey(Files.readString(file), Files.readString(publicFile).strip(), fingerprint);
  }

  /** Configures the stack so that Pulumi logs in with this key from now on. */
  void useForTheStack() {
    useForTheStack(privateKey);
  }

  /** Does the same with a private key. */
  static void useForTheStack(String privateKey) {
    PulumiRun.of("config", "set", "--secret", "ninefold:sshPrivateKey")
        .reading(privateKey)
        .run()
        .succeeded();
  }

  private static String run(String... command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new LabFailure(String.join(" ", command) + ": " + output);
    }
    return output;
  }
}
