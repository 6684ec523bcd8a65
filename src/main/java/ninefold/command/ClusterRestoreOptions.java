package ninefold.command;

import java.util.Optional;
import ninefold.description.RecoveryTarget;
import picocli.CommandLine.Option;

/** The options of {@code ninefold restore} for a restore of the whole cluster that has begun. */
final class ClusterRestoreOptions {
  @Option(
      names = "--continue",
      required = true,
      description = "Continues a restore of the whole cluster that was interrupted.")
  private boolean resume;

  @Option(
      names = "--go-back",
      required = true,
      description =
          "Ends such a restore: the cluster returns to the state that it had before the restore.")
  private boolean goBack;

  /** Whether one of these options is used. */
  boolean used() {
    return resume || goBack;
  }

  /**
   * Restores the whole cluster in place.
   *
   * @param to the point at which recovery ends; empty for a restore that has begun
   * @param set the backup to restore; by default the newest one before that point
   * @param plan whether to print only what would happen
   * @param yes whether to skip the question
   * @return the command's exit code
   */
  int run(
      RootCommand root,
      Optional<RecoveryTarget> to,
      Optional<String> set,
      boolean plan,
      boolean yes) {
    try (var connection = root.connect()) {
      var restore = new ClusterRestore(new RestoreStages(connection, root.console()), plan, yes);
      if (to.isPresent()) {
        return restore.begin(to.get(), set);
      }
      return goBack ? restore.goBack() : restore.resume();
    }
  }
}
