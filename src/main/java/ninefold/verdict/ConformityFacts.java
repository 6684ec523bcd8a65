package ninefold.verdict;

import java.util.List;
import java.util.Optional;

/**
 * What differs from what the stack left on a machine.
 *
 * @param units systemd's units that the stack set up
 * @param packages packages that the stack installed
 * @param files files that differ; none if all are as they were left
 * @param unfinished steps that failed half-way and were not finished since
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
   * @param wanted the version it is held at; it may end with an asterisk; empty for any
   * @param installed the version that is there; empty if it is missing
   */
  public record Installed(String name, Optional<String> wanted, Optional<String> installed) {}

  /**
   * A file that is not as the stack left it.
   *
   * @param path its path
   * @param problem {@code changed}, {@code missing} or {@code owner}
   * @param lines the differing lines, each with - or + before it; none for a secret
   */
  public record Differing(String path, String problem, List<String> lines) {

    /** Keeps a copy that cannot be changed. */
    public Differing {
      lines = List.copyOf(lines);
    }
  }
}
