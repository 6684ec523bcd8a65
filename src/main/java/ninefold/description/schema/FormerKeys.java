package ninefold.description.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys and values that earlier versions accepted, and what to write instead. Paths have no
 * positions in lists: {@code databases[].poolSize}.
 */
public final class FormerKeys {
  /** Keys that have a new name. */
  static final List<Renamed> RENAMED =
      List.of(
          new Renamed("access.connectLimit", "access.connectTimeout", "a duration such as 5min"),
          new Renamed("access.stepLimit", "access.stepTimeout", "a duration such as 15min"),
          new Renamed("balancing.idleLimit", "balancing.idleTimeout", "a duration such as 30min"),
          new Renamed("balancing.drainLimit", "balancing.drainTimeout", "a duration such as 48h"),
          new Renamed(
              "databases[].hive.statementLimit",
              "databases[].hive.statementTimeout",
              "a duration such as 60s"),
          new Renamed("backup.keepDeletedDays", "backup.keepDeleted", "a duration such as 7d"),
          new Renamed(
              "health.certificateDays", "health.certificateValidity", "a duration such as 30d"),
          new Renamed("certificates.authority", "certificates.ca", "a generation such as 2"),
          new Renamed(
              "certificates.alsoTrusted",
              "certificates.additionalTrustedCa",
              "an optional generation such as 2"),
          new Renamed("certificates.days", "certificates.validity", "a duration such as 730d"),
          new Renamed(
              "certificates.renewDays", "certificates.renewBefore", "a duration such as 60d"),
          new Renamed("postgresql.restPort", "postgresql.patroniPort", "a port such as 8008"));

  /** The implied units of values that were plain numbers, by the present paths. */
  static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("access.connectTimeout", "s"),
          Map.entry("access.stepTimeout", "s"),
          Map.entry("backup.archiveTimeout", "s"),
          Map.entry("backup.keepDeleted", "d"),
          Map.entry("balancing.drainTimeout", "h"),
          Map.entry("balancing.idleTimeout", "min"),
          Map.entry("certificates.renewBefore", "d"),
          Map.entry("certificates.validity", "d"),
          Map.entry("databases[].hive.statementTimeout", "s"),
          Map.entry("health.archiveWait", "s"),
          Map.entry("health.backupAge", "h"),
          Map.entry("health.certificateValidity", "d"),
          Map.entry("health.clientWait", "s"),
          Map.entry("health.clockDifference", "ms"),
          Map.entry("pooling.handoverAfter", "s"),
          Map.entry("postgresql.maximumLag", "bytes"));

  /** Values that stood for the default or for nothing, in place of a key that is left out. */
  static final Map<String, String> LEFT_OUT =
      Map.of(
          "backup.stanza", "",
          "balancing.maxConnectionsPerClient", "0",
          "certificates.additionalTrustedCa", "0",
          "databases[].connectionLimit", "-1",
          "databases[].maxClients", "0",
          "databases[].poolSize", "0",
          "machines.hostKeysAlsoShown", "0",
          "machines.sshKeyAlsoTrusted", "0");

  private static final long MEBIBYTE = 1L << 20;

  private FormerKeys() {}

  /**
   * A key that has a new name.
   *
   * @param path the former path
   * @param now the present path
   * @param form the form of the present key's value
   */
  record Renamed(String path, String now, String form) {
    /** What is wrong with the former key. */
    String found() {
      return "this key is now " + now + ", " + form;
    }

    /** What to write instead of the former key with this value. */
    String remedy(JsonNode value) {
      if (leftOut(now, value)) {
        return "remove it";
      }
      String key = now.substring(now.lastIndexOf('.') + 1);
      return withUnit(now, value)
          .or(() -> Optional.of(value.asText()).filter(text -> value.isIntegralNumber()))
          .map(text -> "write " + key + ": " + text)
          .orElse("rename it to " + key);
    }
  }

  /** The new name of the key at a path, if it is a former one. */
  static Optional<Renamed> renamed(String place) {
    String path = general(place);
    return RENAMED.stream().filter(renamed -> renamed.path().equals(path)).findFirst();
  }

  /** A number without a unit, completed by the unit that earlier versions implied. */
  static Optional<String> withUnit(String place, JsonNode value) {
    String number = value.asText();
    if (!value.isValueNode() || !number.matches("[0-9]{1,15}")) {
      return Optional.empty();
    }
    return Optional.ofNullable(UNITS.get(general(place)))
        .map(unit -> unit.equals("bytes") ? mebibytes(Long.parseLong(number)) : number + unit);
  }

  /** Whether earlier versions read the value as if the key were left out. */
  static boolean leftOut(String place, JsonNode value) {
    return value.isValueNode() && value.asText().equals(LEFT_OUT.get(general(place)));
  }

  private static String mebibytes(long bytes) {
    return (bytes + MEBIBYTE - 1) / MEBIBYTE + "MiB";
  }

  private static String general(String place) {
    return place.replaceAll("\\[\\d+]", "[]");
  }
}
