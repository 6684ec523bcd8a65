package ninefold.machine;

import com.pulumi.core.Output;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.resources.Resource;
import com.pulumi.tls.PrivateKey;
import com.pulumi.tls.PrivateKeyArgs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import ninefold.description.Node;
import ninefold.pulumi.PulumiOutputs;
import ninefold.render.Bundle;
import ninefold.render.HeaderKey;
import ninefold.render.TargetFile;

/**
 * A host key of a virtual machine's sshd. Odd and even generations have different types, because
 * sshd shows one key of each type, and a client asks for the type that it knows. So sshd can show
 * the old and the new key while they are rotated.
 */
final class LibvirtHostKey {
  private static final String FOLDER = "/etc/ssh/";

  private final int generation;
  private final PrivateKey key;

  /**
   * Declares the key.
   *
   * @param node the machine's node
   * @param generation the number of the key, from 1; a different number is a different key
   */
  LibvirtHostKey(Node node, int generation, Resource parent) {
    this.generation = generation;
    var args =
        isOdd()
            ? PrivateKeyArgs.builder().algorithm("ED25519")
            : PrivateKeyArgs.builder().algorithm("ECDSA").ecdsaCurve("P256");
    this.key =
        new PrivateKey(
            node.name() + "/host-key" + (generation == 1 ? "" : "-" + generation),
            args.build(),
            CustomResourceOptions.builder().parent(parent).build());
  }

  /** Returns the key's type as in the names of sshd's key files. */
  String type() {
    return isOdd() ? "ed25519" : "ecdsa";
  }

  /** Returns the private key in OpenSSH's format, as a secret. */
  Output<String> privateText() {
    return PulumiOutputs.orEmpty(key.privateKeyOpenssh()).asSecret();
  }

  /** Returns the public key, as {@code TYPE KEY}. */
  Output<String> publicText() {
    return PulumiOutputs.orEmpty(key.publicKeyOpenssh()).applyValue(String::strip);
  }

  /**
   * Returns the bundle that makes sshd show these keys. It is empty if the only key is that of the
   * first generation, which the first boot installs.
   *
   * @param port the port of sshd
   */
  static Optional<Bundle> shown(List<LibvirtHostKey> keys, int port) {
    if (keys.size() == 1 && keys.get(0).generation == 1) {
      return Optional.empty();
    }
    var header = new ArrayList<Output<String>>(List.of(HeaderKey.PORT.of(port)));
    var files = new ArrayList<TargetFile>();
    for (var key : keys) {
      header.add(key.publicText().applyValue(HeaderKey.SHOWS::line));
      files.add(TargetFile.secret(key.file(), "root:root", key.privateText()));
    }
    var settings =
        keys.stream().map(key -> "HostKey " + key.file() + "\n").collect(Collectors.joining());
    files.add(
        TargetFile.worldReadable(FOLDER + "sshd_config.d/06-ninefold-host-keys.conf", settings));
    return Optional.of(new Bundle(List.copyOf(header), List.copyOf(files)));
  }

  private String file() {
    return FOLDER + "ninefold_host_" + type() + "_key";
  }

  private boolean isOdd() {
    return generation % 2 == 1;
  }
}
