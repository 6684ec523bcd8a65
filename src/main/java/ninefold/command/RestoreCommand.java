package ninefold.command;

import java.util.Optional;
import java.util.concurrent.Callable;
import ninefold.description.RecoveryTarget;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ninefold restore}. */
@Command(
    name = "restore",
    description =
        "Restores a table or a database: from a copy beside the cluster, with the owner's rights.")
final class RestoreCommand implements Callable<Integer> {
  private final RootCommand root;

  @ArgGroup(multiplicity = "1")
  private ObjectRestoreOptions objects = new ObjectRestoreOptions();

  @Option(
      names = "--to",
      required = true,
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
    return objects.run(root, to.orElseThrow(), set, plan, yes);
  }
}
