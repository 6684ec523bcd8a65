package ninefold.lab;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Nine machines on which no cluster has been yet, and the note of what was on them then. */
final class FreshMachines {
  private static final Path NOTE = ChangeSuite.file("inventory.json");
  private static final String IDENTITY = "content /etc/machine-id";

  private FreshMachines() {}

  /** Makes them, and an empty stack; what the lab held before is gone. */
  static Footprint create(Lab lab) {
    lab.createFresh();
    var inventory = Footprint.inventory(lab, ChangeSuite.NODES);
    try {
      Files.createDirectories(NOTE.getParent());
      new ObjectMapper().writeValue(NOTE.toFile(), inventory.entries());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return inventory;
  }

  /** What was on the machines that are there now, if it was noted. */
  static Optional<Footprint> noted(Lab lab) {
    if (!Files.exists(NOTE)) {
      return Optional.empty();
    }
    try {
      var noted =
          new Footprint(
              new ObjectMapper()
                  .readValue(NOTE.toFile(), new TypeReference<Map<String, String>>() {}));
      var now = Footprint.inventory(lab, ChangeSuite.NODES);
      var same =
          ChangeSuite.NODES.stream()
              .map(node -> node + " " + IDENTITY)
              .allMatch(key -> noted.entries().get(key).equals(now.entries().get(key)));
      return same ? Optional.of(noted) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
