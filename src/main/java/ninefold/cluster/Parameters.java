package ninefold.cluster;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which of PostgreSQL's parameters a description may set. */
final class Parameters {
  private static final Set<String> OFF = Set.of("off", "false", "no", "0");

  /** Parameters that have a key of their own in the description. */
  private static final Map<String, String> KEYS =
      Map.of(
          "max_connections", "postgresql.maxConnections",
          "port", "postgresql.port",
          "pgaudit.log", "postgresql.audit",
          "archive_timeout", "backup.archiveTimeout");

  /** Parameters on which the cluster depends. */
  private static final Map<String, String> OWNERS =
      Map.ofEntries(
          Map.entry("listen_addresses", "the network"),
          Map.entry("unix_socket_directories", "Patroni"),
          Map.entry("data_directory", "Patroni"),
          Map.entry("config_file", "Patroni"),
          Map.entry("hba_file", "Patroni"),
          Map.entry("ident_file", "Patroni"),
          Map.entry("external_pid_file", "Patroni"),
          Map.entry("cluster_name", "Patroni"),
          Map.entry("hot_standby", "Patroni"),
          Map.entry("wal_log_hints", "Patroni"),
          Map.entry("primary_conninfo", "Patroni"),
          Map.entry("primary_slot_name", "Patroni"),
          Map.entry("synchronous_standby_names", "the key durability"),
          Map.entry("archive_mode", "pgBackRest"),
          Map.entry("archive_command", "pgBackRest"),
          Map.entry("archive_library", "pgBackRest"),
          Map.entry("archive_cleanup_command", "pgBackRest"),
          Map.entry("restore_command", "pgBackRest"),
          Map.entry("password_encryption", "scram, the only one used here"));

  /** The same, by how they start. */
  private static final Map<String, String> FAMILIES =
      Map.of("ssl", "the cluster's certificates", "recovery_", "Patroni", "include", "Patroni");

  private Parameters() {}

  /** Refuses parameters that the cluster itself controls, or that break its promises. */
  static void check(
      String path, Map<String, String> parameters, Durability durability, Problems problems) {
    parameters.forEach(
        (name, value) -> {
          String at = Problem.at(path, name);
          if (KEYS.containsKey(name)) {
            problems.add(at, name + " has a key of its own", "set " + KEYS.get(name));
          } else if (owner(name).isPresent()) {
            problems.add(at, name + " is set by " + owner(name).get(), "leave it out");
          } else {
            breach(name, value.trim().toLowerCase(java.util.Locale.ROOT), durability)
                .ifPresent(found -> problems.add(at, found, "leave it out"));
          }
        });
  }

  private static Optional<String> owner(String name) {
    return Optional.ofNullable(OWNERS.get(name))
        .or(
            () ->
                FAMILIES.keySet().stream().filter(name::startsWith).findFirst().map(FAMILIES::get));
  }

  /** What a value would break, if anything. */
  private static Optional<String> breach(String name, String value, Durability durability) {
    String found =
        switch (name) {
          case "fsync", "full_page_writes" ->
              OFF.contains(value) ? "without " + name + " a power cut destroys the data" : null;
          case "wal_level" ->
              value.equals("minimal") ? "with wal_level minimal nothing is replicated" : null;
          case "synchronous_commit" ->
              durability != Durability.ASYNC && (OFF.contains(value) || value.equals("local"))
                  ? "synchronous_commit " + value + " breaks the promise of durability"
                  : null;
          default -> null;
        };
    return Optional.ofNullable(found);
  }
}
