package ninefold.verdict;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Checks that the units, packages, files and steps of a machine are as the stack left them. */
final class ConformityChecks {
  private static final String DRIFT = "docs/operations/changing-a-setting.md, Drift";
  private static final Set<String> RUNNING_STATES = Set.of("active", "reloading");
  private static final Set<String> ENABLED_STATES = Set.of("enabled", "static");

  /** The findings that already report that a unit is not running. */
  private static final Map<String, List<Check>> EXPLANATIONS =
      Map.of(
          "patroni.service", List.of(Check.PATRONI_SILENT),
          "pgbouncer.service", List.of(Check.POOL_SILENT, Check.LEADER_POOL_SILENT),
          "etcd.service", List.of(Check.ETCD_SILENT),
          "haproxy.service", List.of(Check.HAPROXY_SILENT),
          "keepalived.service", List.of(Check.KEEPALIVED_SILENT));

  private final String node;
  private final Findings findings;

  private ConformityChecks(String node, Findings findings) {
    this.node = node;
    this.findings = findings;
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    for (String node : clusterFacts.answers().keySet()) {
      ConformityChecks checks = new ConformityChecks(node, findings);
      clusterFacts
          .of(node, Facts::conformity)
          .ifPresent(
              conformity -> {
                conformity.units().known().ifPresent(checks::units);
                conformity.packages().known().ifPresent(checks::packages);
                conformity.files().known().ifPresent(checks::files);
                conformity.unfinished().known().ifPresent(checks::steps);
              });
    }
  }

  private void units(List<ConformityFacts.Unit> units) {
    report(
        Check.UNIT_INACTIVE,
        units,
        unit -> !RUNNING_STATES.contains(unit.active()) && !isExplained(unit.name()),
        unit -> unit.name() + " is " + unit.active(),
        "sudo systemctl status UNIT; sudo systemctl restart UNIT, on " + node);
    report(
        Check.UNIT_DISABLED,
        units,
        unit -> !ENABLED_STATES.contains(unit.enabled()),
        unit ->
            unit.name() + " is " + unit.enabled() + ", so it does not start when the machine boots",
        "sudo systemctl enable UNIT on " + node);
  }

  private boolean isExplained(String unit) {
    return EXPLANATIONS.getOrDefault(unit, List.of()).stream()
        .anyMatch(check -> findings.found(node, check));
  }

  private void packages(List<ConformityFacts.Installed> packages) {
    report(
        Check.PACKAGE_MISSING,
        packages,
        it -> it.installed().isEmpty(),
        it -> "package " + it.name() + " is not installed",
        "sudo apt-get install PACKAGE on " + node);
    report(
        Check.PACKAGE_VERSION,
        packages,
        it -> it.installed().isPresent() && !hasWantedVersion(it),
        it ->
            "package %s has version %s instead of %s"
                .formatted(it.name(), it.installed().orElseThrow(), it.wanted().orElseThrow()),
        "docs/operations/upgrading.md");
  }

  private static boolean hasWantedVersion(ConformityFacts.Installed installed) {
    String wanted = installed.wanted().orElse("*");
    String version = installed.installed().orElseThrow();
    return wanted.endsWith("*")
        ? version.startsWith(wanted.substring(0, wanted.length() - 1))
        : version.equals(wanted);
  }

  private void files(List<ConformityFacts.Differing> files) {
    report(
        Check.FILE_DIFFERS,
        files,
        file -> true,
        file ->
            switch (file.problem()) {
              case "missing" -> file.path() + " is missing";
              case "owner" -> file.path() + " has a different owner or mode";
              case "changed" -> file.path() + " has been changed";
              default -> file.path() + " is " + file.problem();
            },
        "./ninefold status --drift shows the differing lines; " + DRIFT);
  }

  private void steps(List<String> unfinished) {
    report(
        Check.STEP_UNFINISHED,
        unfinished,
        step -> true,
        step -> "step " + step + " failed, and has not succeeded since",
        "run pulumi up; docs/operations/interrupted-up.md");
  }

  private <T> void report(
      Check check, List<T> all, Predicate<T> isProblem, Function<T, String> text, String next) {
    findings.addAll(check, node, all.stream().filter(isProblem).map(text).toList(), next);
  }
}
