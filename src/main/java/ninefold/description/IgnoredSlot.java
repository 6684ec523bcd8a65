package ninefold.description;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** Replication slots that Patroni ignores: those that match every key that is set. */
public record IgnoredSlot(
    @Description("Name of the slot.") @Format(TextFormat.SLOT) Optional<String> name,
    @Description("Type of the slots.") Optional<Slot.Type> type,
    @Description("Database of logical slots.") @Format(TextFormat.IDENTIFIER)
        Optional<String> database,
    @Description("Output plugin of logical slots.") @Format(TextFormat.IDENTIFIER)
        Optional<String> plugin) {

  /** The properties with which Patroni compares a slot. */
  public Map<String, String> properties() {
    var properties = new LinkedHashMap<String, String>();
    name.ifPresent(value -> properties.put("name", value));
    type.ifPresent(value -> properties.put("type", value.word()));
    database.ifPresent(value -> properties.put("database", value));
    plugin.ifPresent(value -> properties.put("plugin", value));
    return properties;
  }

  /** Whether it matches only logical slots. */
  public boolean logical() {
    return type.filter(Slot.Type.LOGICAL::equals).isPresent()
        || database.isPresent()
        || plugin.isPresent();
  }
}
