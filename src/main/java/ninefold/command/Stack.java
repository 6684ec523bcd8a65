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
 * The part of a stack that is needed to reach its machines.
 *
 * @param cluster its description
 * @param privateKey the administrator's private ssh key; secret
 * @param hostKeys the host keys, by node; nodes whose key is not known are missing
 */
record Stack(Cluster cluster, String privateKey, Map<Node, String> hostKeys) {
  private static final String KEY = "sshPrivateKey";
  private static final String KNOWN_HOSTS = "knownHosts";

  /**
   * Reads the stack.
   *
   * @throws UnusableStackException if Pulumi cannot read a value that is needed
   * @throws ninefold.description.reader.InvalidDescriptionException if the description is invalid
   */
  static Stack read(PulumiCli pulumi) {
    var description =
        pulumi
            .config("cluster")
            .orElseThrow(
                () ->
                    new UnusableStackException(
                        "the stack has no ninefold:cluster, the path of its description, as in"
                            + " stacks/existing.yaml: pulumi config set ninefold:cluster FILE"));
    var cluster = DescriptionReader.read(Path.of(description.strip()));
    return cluster.machines() instanceof Machines.Libvirt
        ? of(cluster, () -> pulumi.output(KEY), () -> pulumi.output(KNOWN_HOSTS))
        : of(cluster, () -> configuredKey(pulumi), () -> pulumi.config(KNOWN_HOSTS).orElse(""));
  }

  /** Runs both commands at the same time, because Pulumi takes most of a second for each. */
  private static Stack of(Cluster cluster, Supplier<String> key, Supplier<String> knownHosts) {
    var hosts = BackgroundTask.start(knownHosts);
    var privateKey = key.get();
    return new Stack(cluster, privateKey, HostKeys.of(cluster, KnownHosts.parse(hosts.result())));
  }

  private static String configuredKey(PulumiCli pulumi) {
    return pulumi
        .config(KEY)
        .orElseThrow(
            () ->
                new UnusableStackException(
                    "the stack has no ninefold:sshPrivateKey, the administrator's private key:"
                        + " pulumi config set --secret ninefold:sshPrivateKey < FILE"));
  }

  /** Omits the secrets, so that no message contains them. */
  @Override
  public String toString() {
    return "Stack[" + cluster.name() + "]";
  }
}
