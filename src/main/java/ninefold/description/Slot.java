package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** A replication slot that Patroni makes on the leader, and keeps through failovers. */
public record Slot(
    @Description("Name of the slot. It must not be the name of a database node.")
        @Format(TextFormat.SLOT)
        String name,
    @Description("Type of the slot.") Type type,
    @Description("Database of a logical slot: one of databases, or postgres.")
        @Format(TextFormat.IDENTIFIER)
        Optional<String> database,
    @Description("Output plugin of a logical slot, such as pgoutput.")
        @Format(TextFormat.IDENTIFIER)
        Optional<String> plugin) {

  /** What a slot sends. */
  public enum Type {
    @JsonProperty("physical")
    @Description("For a WAL receiver such as pg_receivewal.")
    PHYSICAL,
    @JsonProperty("logical")
    @Description(
        "For a consumer of row changes. Requires wal_level: logical in postgresql.parameters.")
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
