package ninefold.ssh;

import static java.util.stream.Collectors.joining;

import java.util.List;
import ninefold.description.Node;
import ninefold.error.UserErrorException;

/** The host keys of some nodes are not known. No connection trusts a host key on first use. */
public final class MissingHostKeysException extends UserErrorException {
  private static final long serialVersionUID = 1;

  /** Creates an error whose message lists the nodes, and where to add their host keys. */
  public MissingHostKeysException(List<Node> nodes) {
    super(
        nodes.stream()
            .map(node -> "%n  node %s (%s)".formatted(node.name(), Connections.address(node)))
            .collect(
                joining(
                    "",
                    "these hosts' keys are not known; nothing was touched. Compare the line that"
                        + " ssh-keyscan prints with the key on the host. Then set hostKey in the"
                        + " description, or add the line to ninefold:knownHosts. The hosts:",
                    "")));
  }
}
