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
 * A key by which a virtual machine's sshd proves who it is. The types of an odd and an even
 * generation differ: sshd shows one key of each type, and a client asks for the type that it knows.
 */
final class LibvirtHostKey {
  private static final String FOLDER = "/etc/ssh/";

  private final int generation;
  private final PrivateKey key;

  /**
   * Declares the key.
   *
   * @param node whose key it is
   * @param generation another one is another key
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

  /** The word for its type in names of files. */
  String type() {
    return isOdd() ? "ed25519" : "ecdsa";
  }

  Output<String> privateText() {
    return PulumiOutputs.orEmpty(key.privateKeyOpenssh()).asSecret();
  }

  /** The public key, as {@code type key}. */
  Output<String> publicText() {
    return PulumiOutputs.orEmpty(key.publicKeyOpenssh()).applyValue(String::strip);
  }

  /**
   * What makes sshd show these keys; nothing where that is the first generation alone, which the
   * first boot brings.
   *
   * @param port sshd's
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
