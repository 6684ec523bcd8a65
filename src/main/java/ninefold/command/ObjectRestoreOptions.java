package ninefold.command;

import java.util.Optional;
import ninefold.description.RecoveryTarget;
import picocli.CommandLine.Option;

/** The options of {@code ninefold restore} for a table or a database; one of them is used. */
final class ObjectRestoreOptions {
  @Option(
      names = "--table",
      required = true,
      paramLabel = "DATABASE:SCHEMA.TABLE",
      converter = RestoredTableConverter.class,
      description = "The table to restore. It must not exist. Names are case-sensitive.")
  private Optional<RestoredObject> table = Optional.empty();

  @Option(
      names = "--database",
      required = true,
      paramLabel = "NAME",
      converter = RestoredDatabaseConverter.class,
      description = "The database to restore. It must be described, and missing or empty.")
  private Optional<RestoredObject> database = Optional.empty();

  /** Whether one of these options is used. */
  boolean used() {
    return table.isPresent() || database.isPresent();
  }

  /**
   * Restores the table or database, on the machine of the leader: owners log in only there.
   *
   * @param to the point at which recovery of the copy ends
   * @param set the backup to restore; by default the newest one before that point
   * @param plan whether to print only what would happen
   * @param yes whether to skip the question
   * @return the command's exit code
   */
  int run(RootCommand root, RecoveryTarget to, Optional<String> set, boolean plan, boolean yes) {
    try (var connection = root.connect()) {
      var scripts = new CopyScripts(connection, root.console());
      var object = table.or(() -> database).orElseThrow();
      var request = new CopyRequest(to, set, Optional.empty(), CopyRequest.PORT);
      return new ObjectRestore(scripts, object, request).run(plan, yes);
    }
  }
}
