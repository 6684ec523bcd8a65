package ninefold.description.check;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import ninefold.description.Durability;
import ninefold.description.PostgresqlSettings;
import ninefold.description.problem.Problem;
import ninefold.description.problem.Problems;

/** Which PostgreSQL parameters a description may set. */
final class ManagedParameters {
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
          Map.entry("promote_trigger_file", "Patroni"),
          Map.entry("recovery_end_command", "Patroni"),
          Map.entry("recovery_min_apply_delay", "Patroni"),
          Map.entry("transaction_deferrable", "each transaction"),
          Map.entry("transaction_isolation", "each transaction"),
          Map.entry("transaction_read_only", "each transaction"),
          Map.entry("synchronous_standby_names", "the key durability"),
          Map.entry("archive_mode", "pgBackRest"),
          Map.entry("archive_command", "pgBackRest"),
          Map.entry("archive_library", "pgBackRest"),
          Map.entry("archive_cleanup_command", "pgBackRest"),
          Map.entry("restore_command", "pgBackRest"),
          Map.entry("password_encryption", "Ninefold, which always uses scram-sha-256"));

  /** Prefixes of further such parameters. */
  private static final Map<String, String> PREFIXES =
      Map.of(
          "ssl", "the cluster's certificates", "recovery_target", "Patroni", "include", "Patroni");

  private ManagedParameters() {}

  /**
   * Why a parameter or its value is refused.
   *
   * @param found what is wrong
   * @param remedy what is allowed, or what to do
   */
  record Refusal(String found, String remedy) {}

  /** Whether a value of a boolean parameter turns it off. */
  static boolean isOff(String value) {
    return OFF.contains(value.trim().toLowerCase(Locale.ROOT));
  }

  /** Refuses parameters that the cluster controls itself, or that break its guarantees. */
  static void check(
      String path, Map<String, String> parameters, Durability durability, Problems problems) {
    parameters.forEach(
        (name, value) ->
            refused(name, value, durability)
                .ifPresent(refusal -> add(path, name, refusal, problems)));
  }

  /** Refuses the same, and parameters and values that Patroni would drop or replace. */
  static void check(
      String path, PostgresqlSettings postgresql, Durability durability, Problems problems) {
    ParameterCatalogue catalogue = ParameterCatalogue.packaged();
    postgresql
        .parameters()
        .forEach(
            (name, value) ->
                refused(name, value, durability)
                    .or(() -> catalogue.refused(name, value, postgresql.version()))
                    .ifPresent(refusal -> add(path, name, refusal, problems)));
  }

  private static void add(String path, String name, Refusal refusal, Problems problems) {
    problems.add(Problem.at(path, name), refusal.found(), refusal.remedy());
  }

  private static Optional<Refusal> refused(String name, String value, Durability durability) {
    if (KEYS.containsKey(name)) {
      return Optional.of(new Refusal(name + " has its own key", "set " + KEYS.get(name)));
    }
    return owner(name)
        .map(owner -> name + " is set by " + owner)
        .or(() -> breach(name, value.trim().toLowerCase(Locale.ROOT), durability))
        .map(found -> new Refusal(found, "remove it"));
  }

  private static Optional<String> owner(String name) {
    return Optional.ofNullable(OWNERS.get(name))
        .or(
            () ->
                PREFIXES.keySet().stream().filter(name::startsWith).findFirst().map(PREFIXES::get));
  }

  /** The guarantee that a value would break, if any. */
  private static Optional<String> breach(String name, String value, Durability durability) {
    String found =
        switch (name) {
          case "fsync", "full_page_writes" ->
              OFF.contains(value) ? "without " + name + " a power failure corrupts the data" : null;
          case "wal_level" ->
              value.equals("minimal") ? "with wal_level minimal there is no replication" : null;
          case "synchronous_commit" ->
              durability != Durability.ASYNC && (OFF.contains(value) || value.equals("local"))
                  ? "synchronous_commit " + value + " contradicts durability"
                  : null;
          default -> null;
        };
    return Optional.ofNullable(found);
  }
}
