package ninefold.command;

import java.util.Optional;
import java.util.concurrent.Callable;
import ninefold.description.RecoveryTarget;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ninefold restore}. */
@Command(
    name = "restore",
    description = {
      "Returns the whole cluster to an earlier state, and discards later changes; or restores a table"
          + " or a database from a copy beside the cluster, with the owner's rights."
    })
final class RestoreCommand implements Callable<Integer> {
  private final RootCommand root;

  @Spec private CommandSpec spec;

  @ArgGroup private ClusterRestoreOptions cluster = new ClusterRestoreOptions();

  @ArgGroup private ObjectRestoreOptions objects = new ObjectRestoreOptions();

  @Option(
      names = "--to",
      paramLabel = "TARGET",
      converter = RecoveryTargetConverter.class,
      description = "The point at which recovery ends: " + RecoveryTarget.NOTATION + ".")
  private Optional<RecoveryTarget> to = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "LABEL",
      description = "The backup to restore; by default the newest one before the point.")
  private Optional<String> set = Optional.empty();

  @Option(
      names = "--plan",
      description = "Prints what would happen, or why it is refused; changes nothing.")
  private boolean plan;

  @Option(names = "--yes", description = "Starts without asking for confirmation.")
  private boolean yes;

  RestoreCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    if (objects.used()) {
      if (cluster.used() || to.isEmpty()) {
        throw new ParameterException(spec.commandLine(), "--table and --database need --to");
      }
      return objects.run(root, to.get(), set, plan, yes);
    }
    if (to.isPresent() == cluster.used()) {
      throw new ParameterException(
          spec.commandLine(), "Exactly one of --to, --continue and --go-back is needed");
    }
    return cluster.run(root, to, set, plan, yes);
  }
}
