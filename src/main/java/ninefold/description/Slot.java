package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** A replication slot that Patroni creates on the leader, and keeps through failovers. */
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

  /** The types of slots. */
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

  /** The slot's properties in Patroni's configuration, where its name is the key. */
  public Map<String, String> properties() {
    var properties = new LinkedHashMap<String, String>();
    properties.put("type", type.word());
    database.ifPresent(value -> properties.put("database", value));
    plugin.ifPresent(value -> properties.put("plugin", value));
    return properties;
  }

  /** The name of a member's own slot, as Patroni derives it from the member's name. */
  public static String ofMember(String member) {
    return member.toLowerCase(Locale.ROOT).replace('-', '_');
  }
}
