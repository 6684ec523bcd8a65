package ninefold.description;

import java.util.ArrayList;
import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** The backups from which a cluster without data is created. */
public record Bootstrap(
    @Description(
            "pgBackRest's stanza of the backups. The cluster's own stanza rebuilds a lost cluster;"
                + " a different one creates a clone, if the repository has a copy of its backups.")
        @Format(TextFormat.NAME)
        String from,
    @Description("The point at which recovery ends.")
        @Default("latest")
        @Format(TextFormat.RECOVERY_TARGET)
        String to) {

  /**
   * The target of the recovery.
   *
   * @throws IllegalArgumentException if {@code to} has the right form, but is not a target: a time
   *     may have a 13th month
   */
  public RecoveryTarget target() {
    return RecoveryTarget.parse(to);
  }

  /**
   * The options of {@code pgbackrest restore}. PostgreSQL always accepts writes at the end of the
   * archive; at an earlier target, it does so only with an option.
   */
  public List<String> options() {
    var options = new ArrayList<>(target().options());
    if (!(target() instanceof RecoveryTarget.Latest)) {
      options.add("--target-action=promote");
    }
    return List.copyOf(options);
  }
}
