package ninefold.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A replication slot that Patroni makes on the leader, and keeps through failovers. */
public record Slot(
    @Doc("Name of the slot. It must not be the name of a database node.") @Written(Form.SLOT)
        String name,
    @Doc("Type of the slot.") Type type,
    @Doc("Database of a logical slot: one of databases, or postgres.") @Written(Form.IDENTIFIER)
        Optional<String> database,
    @Doc("Output plugin of a logical slot, such as pgoutput.") @Written(Form.IDENTIFIER)
        Optional<String> plugin) {

  /** What a slot sends. */
  public enum Type {
    @JsonProperty("physical")
    @Doc("For a WAL receiver such as pg_receivewal.")
    PHYSICAL,
    @JsonProperty("logical")
    @Doc("For a consumer of row changes. Requires wal_level: logical in postgresql.parameters.")
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
