package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * A replication slot that Patroni makes on the leader, and keeps through failovers.
 *
 * @param name its name
 * @param type its type
 * @param database the database of a logical slot
 * @param plugin the output plugin of a logical slot
 */
public record Slot(
    @Description("Its name; not the name of a database node.") @Format(TextFormat.SLOT) String name,
    @Description("Its type.") Type type,
    @Description("Database of a logical slot: one of the description's, or postgres.")
        @Format(TextFormat.IDENTIFIER)
        Optional<String> database,
    @Description("Output plugin of a logical slot, as in pgoutput.") @Format(TextFormat.IDENTIFIER)
        Optional<String> plugin) {

  /** What a slot sends. */
  public enum Type {
    /** WAL as it is. */
    @JsonProperty("physical")
    @Description("For a receiver of WAL, such as pg_receivewal.")
    PHYSICAL,
    /** Changes of rows, by an output plugin. */
    @JsonProperty("logical")
    @Description("For a consumer of changes; needs wal_level: logical among the parameters.")
    LOGICAL;

    /** PostgreSQL's word. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What Patroni is told beside its name. */
  public Map<String, String> properties() {
    var properties = new LinkedHashMap<String, String>();
    properties.put("type", type.word());
    database.ifPresent(it -> properties.put("database", it));
    plugin.ifPresent(it -> properties.put("plugin", it));
    return properties;
  }

  /** The slot by which a member streams, named as Patroni names it. */
  public static String ofMember(String member) {
    return member.toLowerCase(Locale.ROOT).replace('-', '_');
  }
}
