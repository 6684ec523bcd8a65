package ninefold.command;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.reader.DescriptionReader;
import ninefold.ssh.HostKeys;
import ninefold.ssh.KnownHosts;

/**
 * A stack, as far as its machines need it to be reached.
 *
 * @param cluster its description
 * @param privateKey the administrator's key, secret
 * @param hostKeys the nodes whose host key is known, and the keys
 */
record Stack(Cluster cluster, String privateKey, Map<Node, String> hostKeys) {
  private static final String KEY = "sshPrivateKey";
  private static final String KNOWN_HOSTS = "knownHosts";

  /**
   * Reads the stack.
   *
   * @throws UnusableStackException if Pulumi does not tell what is needed
   * @throws ninefold.description.reader.InvalidDescription if the description is not valid
   */
  static Stack read(PulumiCli pulumi) {
    var description =
        pulumi
            .config("cluster")
            .orElseThrow(
                () ->
                    new UnusableStackException(
                        "the stack names no description. pulumi config set ninefold:cluster FILE,"
                            + " as in stacks/existing.yaml"));
    var cluster = DescriptionReader.read(Path.of(description.strip()));
    return cluster.machines() instanceof Machines.Libvirt
        ? of(cluster, () -> pulumi.output(KEY), () -> pulumi.output(KNOWN_HOSTS))
        : of(cluster, () -> given(pulumi), () -> pulumi.config(KNOWN_HOSTS).orElse(""));
  }

  /** Both are asked for at the same time: Pulumi takes most of a second for an answer. */
  private static Stack of(Cluster cluster, Supplier<String> key, Supplier<String> knownHosts) {
    var hosts = BackgroundTask.start(knownHosts);
    var privateKey = key.get();
    return new Stack(cluster, privateKey, HostKeys.of(cluster, KnownHosts.parse(hosts.result())));
  }

  private static String given(PulumiCli pulumi) {
    return pulumi
        .config(KEY)
        .orElseThrow(
            () ->
                new UnusableStackException(
                    "the stack has no ninefold:sshPrivateKey, the administrator's key. pulumi"
                        + " config set --secret ninefold:sshPrivateKey < FILE"));
  }

  /** Secrets are shown by no message. */
  @Override
  public String toString() {
    return "Stack[" + cluster.name() + "]";
  }
}
