package ninefold.description.check;

import static java.util.stream.Collectors.toSet;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import ninefold.description.Cluster;
import ninefold.description.Database;
import ninefold.description.IgnoredSlot;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.description.Slot;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Whether the described replication slots can be created, and are not those of members. */
final class SlotChecks {
  /** The database that a logical slot may use in addition to those of the description. */
  private static final String MAINTENANCE = "postgres";

  private final Cluster cluster;
  private final Problems problems;
  private final Set<String> members;
  private final Set<String> databases;

  private SlotChecks(Cluster cluster, Problems problems) {
    this.cluster = cluster;
    this.problems = problems;
    this.members =
        cluster.nodes(Role.POSTGRES).stream().map(Node::name).map(Slot::ofMember).collect(toSet());
    this.databases = cluster.databases().stream().map(Database::name).collect(toSet());
  }

  static void run(Cluster cluster, Problems problems) {
    var checks = new SlotChecks(cluster, problems);
    checks.slots(cluster.postgresql().slots());
    checks.ignored(cluster.postgresql().ignoreSlots());
  }

  private void slots(List<Slot> slots) {
    var names = new HashSet<String>();
    for (int i = 0; i < slots.size(); i++) {
      var path = Problem.at("postgresql.slots", i);
      var slot = slots.get(i);
      if (!names.add(slot.name())) {
        problems.add(
            path + ".name", "there are two slots named " + slot.name(), "rename or remove one");
      }
      member(path, Optional.of(slot.name()));
      if (slot.type() == Slot.Type.LOGICAL) {
        logical(path, slot);
      } else {
        physical(path, slot);
      }
    }
    if (slots.stream().anyMatch(slot -> slot.type() == Slot.Type.LOGICAL)) {
      parameters();
    }
  }

  private void member(String path, Optional<String> name) {
    name.filter(members::contains)
        .ifPresent(
            slot ->
                problems.add(
                    path + ".name",
                    slot + " is the slot of the database node of that name",
                    "choose a different name"));
  }

  private void logical(String path, Slot slot) {
    if (slot.database().isEmpty()) {
      problems.add(path + ".database", "a logical slot needs a database", "name one");
    }
    if (slot.plugin().isEmpty()) {
      problems.add(
          path + ".plugin", "a logical slot needs an output plugin", "name one, such as pgoutput");
    }
    slot.database()
        .filter(database -> !databases.contains(database) && !database.equals(MAINTENANCE))
        .ifPresent(
            database ->
                problems.add(
                    path + ".database",
                    "there is no database " + database + " in the description",
                    "name one of databases, or " + MAINTENANCE));
  }

  private void physical(String path, Slot slot) {
    slot.database()
        .ifPresent(
            database ->
                problems.add(
                    path + ".database",
                    "a physical slot sends the WAL of all databases",
                    "remove it, or write type: logical"));
    slot.plugin()
        .ifPresent(
            plugin ->
                problems.add(
                    path + ".plugin",
                    "a physical slot has no output plugin",
                    "remove it, or write type: logical"));
  }

  /** Checks the parameters that logical slots require. */
  private void parameters() {
    Map<String, String> parameters = cluster.postgresql().parameters();
    var level = parameters.getOrDefault("wal_level", "replica");
    if (!level.equalsIgnoreCase("logical")) {
      problems.add(
          "postgresql.parameters.wal_level",
          "wal_level is " + level + ", but postgresql.slots has a logical slot",
          "write logical");
    }
    // Patroni turns it on in any case.
    if (ManagedParameters.isOff(parameters.getOrDefault("hot_standby_feedback", "on"))) {
      problems.add(
          "postgresql.parameters.hot_standby_feedback",
          "it is off, but postgresql.slots has a logical slot, which needs it",
          "remove it");
    }
  }

  private void ignored(List<IgnoredSlot> ignored) {
    var described = cluster.postgresql().slots().stream().map(Slot::name).collect(toSet());
    for (int i = 0; i < ignored.size(); i++) {
      var path = Problem.at("postgresql.ignoreSlots", i);
      var slot = ignored.get(i);
      member(path, slot.name());
      slot.name()
          .filter(described::contains)
          .ifPresent(
              name ->
                  problems.add(
                      path + ".name",
                      name + " is also listed in postgresql.slots, whose slots Patroni manages",
                      "remove one"));
      if (slot.name().isEmpty() && !slot.logical()) {
        problems.add(
            path,
            "without a name it matches every physical slot, also those of removed members",
            "write a name; for logical slots a type, a database or a plugin is enough");
      }
      if (slot.type().filter(Slot.Type.PHYSICAL::equals).isPresent()
          && (slot.database().isPresent() || slot.plugin().isPresent())) {
        problems.add(
            path + ".type",
            "a physical slot has neither a database nor a plugin",
            "remove them, or write logical");
      }
    }
  }
}
