package ninefold.ssh;

import com.pulumi.command.remote.inputs.ConnectionArgs;
import com.pulumi.command.remote.inputs.ProxyConnectionArgs;
import com.pulumi.core.Output;
import ninefold.description.Access;
import ninefold.description.Node;

/** The ssh connections of Pulumi's steps: login by key, with a pinned host key. */
public final class Connections {
  /** The timeout of one attempt, in seconds. */
  private static final int DIAL_TIMEOUT = 5;

  /** The longest time that the provider waits between two attempts, in seconds. */
  private static final int DIAL_PAUSE = 5;

  private Connections() {}

  /** The name or address under which ssh reaches the node. */
  public static String address(Node node) {
    return node.sshAddress().orElse(node.address());
  }

  /**
   * The connection to a node.
   *
   * @param access user, port, jump host and {@code connectTimeout}, which becomes a number of
   *     attempts
   * @param node the node
   * @param hostKey the node's public host key, as {@code type key}
   * @param privateKey the administrator's key, secret
   */
  public static Output<ConnectionArgs> to(
      Access access, Node node, Output<String> hostKey, Output<String> privateKey) {
    var attempts =
        Math.max(
            1, Math.toIntExact(access.connectTimeout().toSeconds() / (DIAL_TIMEOUT + DIAL_PAUSE)));
    var connection =
        ConnectionArgs.builder()
            .host(address(node))
            .port((double) access.port())
            .user(access.user())
            .privateKey(privateKey)
            .hostKey(hostKey)
            .perDialTimeout(DIAL_TIMEOUT)
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
                        .perDialTimeout(DIAL_TIMEOUT)
                        .dialErrorLimit(attempts)
                        .build()));
    return Output.of(connection.build());
  }
}
