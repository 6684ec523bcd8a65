package ninefold.ssh;

import static java.util.stream.Collectors.joining;

import java.util.List;
import ninefold.description.Node;
import ninefold.error.UserErrorException;

/** Hosts whose key is known from nowhere: no connection trusts the key it is first shown. */
public final class MissingHostKeysException extends UserErrorException {
  private static final long serialVersionUID = 1;

  /** Names the nodes, and says how their keys are given. */
  public MissingHostKeysException(List<Node> nodes) {
    super(
        nodes.stream()
            .map(node -> "%n  node %s (%s)".formatted(node.name(), Connections.address(node)))
            .collect(
                joining(
                    "",
                    "these hosts' keys are not known; no machine was touched. Give 'hostKey' in the"
                        + " description, or in ninefold:knownHosts the line that ssh-keyscan"
                        + " prints, compared with the key on the host itself:",
                    "")));
  }
}
