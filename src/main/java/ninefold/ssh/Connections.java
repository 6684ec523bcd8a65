package ninefold.ssh;

import com.pulumi.command.remote.inputs.ConnectionArgs;
import com.pulumi.command.remote.inputs.ProxyConnectionArgs;
import com.pulumi.core.Output;
import ninefold.description.Access;
import ninefold.description.Node;

/** How machines are reached over ssh: by key, with the host's own key pinned. */
public final class Connections {
  /** Seconds that one attempt may take. */
  private static final int ATTEMPT = 5;

  /** The provider waits up to five seconds between two attempts. */
  private static final int BETWEEN = 5;

  private Connections() {}

  /** Where ssh reaches the node. */
  public static String address(Node node) {
    return node.sshAddress().orElse(node.address());
  }

  /**
   * The connection to a node.
   *
   * @param access user, port, jump host and limit
   * @param node the node
   * @param hostKey the node's public host key
   * @param privateKey the administrator's key, secret
   */
  public static Output<ConnectionArgs> to(
      Access access, Node node, Output<String> hostKey, Output<String> privateKey) {
    var attempts =
        Math.max(1, Math.toIntExact(access.connectTimeout().toSeconds() / (ATTEMPT + BETWEEN)));
    var connection =
        ConnectionArgs.builder()
            .host(address(node))
            .port((double) access.port())
            .user(access.user())
            .privateKey(privateKey)
            .hostKey(hostKey)
            .perDialTimeout(ATTEMPT)
            .dialErrorLimit(attempts);
    access
        .jump()
        .ifPresent(
            jump ->
                connection.proxy(
                    ProxyConnectionArgs.builder()
                        .host(jump.address())
                        .port((double) jump.port())
                        .user(jump.user())
                        .privateKey(privateKey)
                        .hostKey(jump.hostKey())
                        .perDialTimeout(ATTEMPT)
                        .dialErrorLimit(attempts)
                        .build()));
    return Output.of(connection.build());
  }
}
