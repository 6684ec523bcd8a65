package ninefold.verdict;

import java.util.List;
import java.util.Optional;

/**
 * The state of what the stack applied to a machine.
 *
 * @param units the systemd units that the stack has set up
 * @param packages the packages that the stack has installed
 * @param files the files that differ from what the stack wrote
 * @param unfinished the steps that failed and have not succeeded since
 */
public record ConformityFacts(
    FactsSection<List<Unit>> units,
    FactsSection<List<Installed>> packages,
    FactsSection<List<Differing>> files,
    FactsSection<List<String>> unfinished) {

  /**
   * A unit.
   *
   * @param name its name, as in {@code patroni.service}
   * @param active systemd's ActiveState
   * @param enabled systemd's UnitFileState
   */
  public record Unit(String name, String active, String enabled) {}

  /**
   * A package.
   *
   * @param name its name
   * @param wanted the version that it is held at, which may end with {@code *}; empty for any
   *     version
   * @param installed the installed version; empty if it is not installed
   */
  public record Installed(String name, Optional<String> wanted, Optional<String> installed) {}

  /**
   * A file that differs from what the stack wrote.
   *
   * @param path its path
   * @param problem {@code changed}, {@code missing}, or {@code owner} for a different owner or mode
   * @param lines the differing lines, each after {@code -} or {@code +}; empty for a file with
   *     secrets
   */
  public record Differing(String path, String problem, List<String> lines) {

    /** Makes an immutable copy. */
    public Differing {
      lines = List.copyOf(lines);
    }
  }
}
