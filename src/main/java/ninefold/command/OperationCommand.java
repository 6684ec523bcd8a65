package ninefold.command;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command that asks Patroni for a change. */
abstract class OperationCommand implements Callable<Integer> {
  private final RootCommand root;

  @Option(
      names = "--plan",
      description = "Prints what would happen, or why the operation is refused; changes nothing.")
  private boolean plan;

  @Option(names = "--yes", description = "Starts the operation without asking for confirmation.")
  private boolean yes;

  OperationCommand(RootCommand root) {
    this.root = root;
  }

  abstract Operation operation();

  @Override
  public Integer call() {
    try (var connection = root.connect()) {
      return new OperationRunner(connection, root.console(), plan, yes).run(operation());
    }
  }

  /** {@code ninefold switchover}. */
  @Command(
      name = "switchover",
      description = "Makes a replica that has all acknowledged writes the leader.")
  static final class Switchover extends OperationCommand {
    @Option(
        names = "--to",
        paramLabel = "NODE",
        description = "The next leader; by default the best replica.")
    private Optional<String> candidate = Optional.empty();

    Switchover(RootCommand root) {
      super(root);
    }

    @Override
    Operation operation() {
      return new Operation.Switchover(candidate);
    }
  }

  /** {@code ninefold restart}. */
  @Command(
      name = "restart",
      description = "Restarts PostgreSQL on one member or on all: replicas first, then the leader.")
  static final class Restart extends OperationCommand {
    @Parameters(
        paramLabel = "NODE",
        arity = "0..1",
        description = "The member; by default all members.")
    private Optional<String> node = Optional.empty();

    Restart(RootCommand root) {
      super(root);
    }

    @Override
    Operation operation() {
      return new Operation.Restart(node);
    }
  }

  /** {@code ninefold reload}. */
  @Command(
      name = "reload",
      description =
          "Makes Patroni and PostgreSQL read their configuration again, on one member or on all.")
  static final class Reload extends OperationCommand {
    @Parameters(
        paramLabel = "NODE",
        arity = "0..1",
        description = "The member; by default all members.")
    private Optional<String> node = Optional.empty();

    Reload(RootCommand root) {
      super(root);
    }

    @Override
    Operation operation() {
      return new Operation.Reload(node);
    }
  }

  /** {@code ninefold reinit}. */
  @Command(
      name = "reinit",
      description = "Deletes a replica's data and creates it again, from a backup or the leader.")
  static final class Reinit extends OperationCommand {
    @Parameters(paramLabel = "NODE", description = "The replica to create again.")
    private String node = "";

    Reinit(RootCommand root) {
      super(root);
    }

    @Override
    Operation operation() {
      return new Operation.Reinit(node);
    }
  }

  /** {@code ninefold pause}. */
  @Command(
      name = "pause",
      description = "Pauses Patroni: if the leader fails, no replica takes over.")
  static final class Pause extends OperationCommand {
    Pause(RootCommand root) {
      super(root);
    }

    @Override
    Operation operation() {
      return new Operation.Pause();
    }
  }

  /** {@code ninefold resume}. */
  @Command(name = "resume", description = "Ends a pause: Patroni manages the cluster again.")
  static final class Resume extends OperationCommand {
    Resume(RootCommand root) {
      super(root);
    }

    @Override
    Operation operation() {
      return new Operation.Resume();
    }
  }
}
