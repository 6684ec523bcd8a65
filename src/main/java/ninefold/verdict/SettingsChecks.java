package ninefold.verdict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import ninefold.description.NumberWithUnit;
import ninefold.description.Role;

/** Checks that PostgreSQL runs with the settings of the description on each node. */
final class SettingsChecks {
  private final ClusterFacts clusterFacts;
  private final Map<String, String> described;
  private final Findings findings;

  private SettingsChecks(
      ClusterFacts clusterFacts, Map<String, String> described, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.described = described;
    this.findings = findings;
  }

  /**
   * Runs the check.
   *
   * @param described the parameters that PostgreSQL should run with, by name in lower case
   */
  static void run(ClusterFacts clusterFacts, Map<String, String> described, Findings findings) {
    SettingsChecks checks = new SettingsChecks(clusterFacts, described, findings);
    Map<String, String> unreadable = new TreeMap<>();
    clusterFacts
        .answeringNodes(Role.POSTGRES)
        .forEach(
            node -> {
              clusterFacts
                  .of(node, Facts::postgresql, PostgresqlFacts::settings)
                  .ifPresent(settings -> checks.compare(node, lowerCase(settings), unreadable));
              checks.pending(node);
            });
    unreadable.forEach(
        (name, why) ->
            findings.add(
                Check.SETTING_UNREADABLE,
                "The description sets %s to '%s', which PostgreSQL rejects: %s."
                    .formatted(name, described.get(name), why),
                "correct postgresql.parameters."
                    + name
                    + " in the description, then run pulumi up"));
  }

  private static Map<String, PostgresqlFacts.Setting> lowerCase(
      Map<String, PostgresqlFacts.Setting> settings) {
    Map<String, PostgresqlFacts.Setting> lower = new TreeMap<>();
    settings.forEach((name, setting) -> lower.put(name.toLowerCase(Locale.ROOT), setting));
    return lower;
  }

  private void compare(
      String node, Map<String, PostgresqlFacts.Setting> actual, Map<String, String> unreadable) {
    List<String> problems = new ArrayList<>();
    described.forEach(
        (name, value) -> {
          PostgresqlFacts.Setting setting = actual.get(name);
          if (setting == null) {
            Optional<String> why = unknownUnit(value);
            why.ifPresent(it -> unreadable.put(name, it));
            if (why.isEmpty() && isVisible(name)) {
              problems.add(name + " has its default value instead of " + value);
            }
            return;
          }
          switch (SettingValue.compare(name, value, setting)) {
            case SAME -> {}
            case OTHER -> {
              // RESTART_PENDING reports what waits for a restart.
              if (!setting.pending()) {
                problems.add("%s is %s instead of %s".formatted(name, shown(setting), value));
              }
            }
            case UNREADABLE ->
                unreadable.put(
                    name, unknownUnit(value).orElse("it is not a valid " + setting.type()));
          }
        });
    findings.addAll(
        Check.SETTING_DIFFERS,
        node,
        problems,
        "look at journalctl -u patroni on "
            + node
            + " for rejected settings; ALTER SYSTEM and"
            + " ALTER ROLE postgres override the description");
  }

  private static String shown(PostgresqlFacts.Setting setting) {
    String unit = setting.unit().orElse("");
    return unit.isEmpty() || !Character.isDigit(unit.charAt(0))
        ? setting.value() + unit
        : setting.value() + " times " + unit;
  }

  /** The problem with the unit of a value; empty if there is none. */
  private static Optional<String> unknownUnit(String value) {
    return NumberWithUnit.parse(value)
        .filter(amount -> !amount.isKnown())
        .map(
            amount ->
                "'%s' is not a unit of PostgreSQL%s"
                    .formatted(
                        amount.unit(),
                        amount.meant().map(unit -> "; did you mean '" + unit + "'?").orElse("")));
  }

  /**
   * Patroni sets these parameters on a replica and removes them from a leader, where they have no
   * effect. PostgreSQL then reports a pending restart for them until it is restarted.
   */
  private static final String RECOVERY_TARGET = "recovery_target";

  /** Whether PostgreSQL lists the parameter: an extension's only once its library is loaded. */
  private boolean isVisible(String name) {
    int dot = name.indexOf('.');
    return dot < 0
        || Arrays.stream(described.getOrDefault("shared_preload_libraries", "").split(",", -1))
            .map(String::strip)
            .anyMatch(name.substring(0, dot)::equals);
  }

  private void pending(String node) {
    List<String> names =
        clusterFacts
            .of(node, Facts::postgresql, PostgresqlFacts::settings)
            .map(
                settings ->
                    settings.entrySet().stream()
                        .filter(entry -> entry.getValue().pending())
                        .map(Map.Entry::getKey)
                        .filter(name -> !name.startsWith(RECOVERY_TARGET))
                        .sorted()
                        .toList())
            .orElse(List.of());
    boolean patroni =
        clusterFacts
                .of(node, Facts::patroni, PatroniFacts::own)
                .flatMap(PatroniFacts.Own::pendingRestart)
                .orElse(false)
            || clusterFacts.member(node).flatMap(PatroniFacts.Member::pendingRestart).orElse(false);
    if (patroni || !names.isEmpty()) {
      findings.add(
          Check.RESTART_PENDING,
          node,
          "PostgreSQL on %s must be restarted%s."
              .formatted(
                  node,
                  names.isEmpty()
                      ? " to apply changed settings"
                      : " to apply " + FindingText.list(names)),
          "./ninefold restart " + node);
    }
  }
}
