package ninefold.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import ninefold.description.RecoveryTarget;

/**
 * A copy of the cluster's data that is to be made.
 *
 * @param to the point at which its recovery ends
 * @param set the label of the backup to restore; by default the newest one before that point
 * @param timeline the timeline to recover along; by default the newest one
 * @param port the port in the name of its socket
 */
record CopyRequest(RecoveryTarget to, Optional<String> set, Optional<Integer> timeline, int port) {
  /** The usual port. */
  static final int PORT = 5499;

  /** The options of {@code templates/copy/scripts/copy-from-backup.py}. */
  List<String> options() {
    var options = new ArrayList<String>();
    options.add("--port=" + port);
    set.map(label -> "--set=" + label).ifPresent(options::add);
    timeline.map(number -> "--timeline=" + number).ifPresent(options::add);
    options.addAll(to.options());
    return List.copyOf(options);
  }
}
