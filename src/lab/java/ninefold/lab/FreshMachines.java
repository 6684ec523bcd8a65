package ninefold.lab;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Nine machines without a cluster, and an inventory of what was on them. */
final class FreshMachines {
  private static final Path INVENTORY_FILE = ChangeSuite.file("inventory.json");
  private static final String IDENTITY = "content /etc/machine-id";

  private FreshMachines() {}

  /** Creates the machines and an empty stack. The previous machines of the lab are deleted. */
  static Footprint create(Lab lab) {
    lab.createFresh();
    var inventory = Footprint.inventory(lab, ChangeSuite.NODES);
    try {
      Files.createDirectories(INVENTORY_FILE.getParent());
      new ObjectMapper().writeValue(INVENTORY_FILE.toFile(), inventory.entries());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return inventory;
  }

  /** Returns the inventory of the current machines, if one was saved. */
  static Optional<Footprint> savedInventory(Lab lab) {
    if (!Files.exists(INVENTORY_FILE)) {
      return Optional.empty();
    }
    try {
      var saved =
          new Footprint(
              new ObjectMapper()
                  .readValue(INVENTORY_FILE.toFile(), new TypeReference<Map<String, String>>() {}));
      var now = Footprint.inventory(lab, ChangeSuite.NODES);
      var same =
          ChangeSuite.NODES.stream()
              .map(node -> node + " " + IDENTITY)
              .allMatch(key -> saved.entries().get(key).equals(now.entries().get(key)));
      return same ? Optional.of(saved) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
