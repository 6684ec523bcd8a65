package ninefold.cluster;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Replication slots that Patroni ignores: those that match every key that is set. */
public record IgnoredSlot(
    @Doc("Name of the slot.") @Written(Form.SLOT) Optional<String> name,
    @Doc("Type of the slots.") Optional<Slot.Type> type,
    @Doc("Database of logical slots.") @Written(Form.IDENTIFIER) Optional<String> database,
    @Doc("Output plugin of logical slots.") @Written(Form.IDENTIFIER) Optional<String> plugin) {

  /** What Patroni compares with. */
  public Map<String, String> properties() {
    var properties = new LinkedHashMap<String, String>();
    name.ifPresent(it -> properties.put("name", it));
    type.ifPresent(it -> properties.put("type", it.word()));
    database.ifPresent(it -> properties.put("database", it));
    plugin.ifPresent(it -> properties.put("plugin", it));
    return properties;
  }

  /** Whether it speaks of logical slots alone. */
  boolean logical() {
    return type.filter(Slot.Type.LOGICAL::equals).isPresent()
        || database.isPresent()
        || plugin.isPresent();
  }
}
