package ninefold.description.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toUnmodifiableSet;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import ninefold.description.problem.ProblemText;

/**
 * The parameters of each version of PostgreSQL that Patroni hands over, and their values. What it
 * doesn't know it leaves out, and what is out of range it replaces; it says so in its log only.
 */
final class ParameterCatalogue {
  /** Where the catalogue lies in the jar. */
  private static final String RESOURCE = "/postgresql-parameters.tsv";

  private static final ParameterCatalogue PACKAGED = packagedOnce();

  private final Map<String, List<ParameterRule>> rules;

  private ParameterCatalogue(List<ParameterRule> rules) {
    this.rules = rules.stream().collect(groupingBy(ParameterRule::name, TreeMap::new, toList()));
  }

  /** The catalogue that was packaged with this class. */
  static ParameterCatalogue packaged() {
    return PACKAGED;
  }

  private static ParameterCatalogue packagedOnce() {
    try (InputStream file = ParameterCatalogue.class.getResourceAsStream(RESOURCE)) {
      return new ParameterCatalogue(
          new String(file.readAllBytes(), UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(ParameterRule::read)
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE + " from the jar", e);
    }
  }

  /** The parameters that a version has. */
  Set<String> names(int version) {
    return rules.keySet().stream()
        .filter(name -> rule(name, version).isPresent())
        .collect(toUnmodifiableSet());
  }

  /** The rule for a parameter's value. */
  Optional<ParameterRule> rule(String name, int version) {
    return rules.getOrDefault(name, List.of()).stream()
        .filter(rule -> rule.appliesTo(version))
        .findFirst();
  }

  /**
   * Why Patroni would not hand over a parameter as it is written, if so. A parameter of an
   * extension, which has a dot, goes through unseen.
   */
  Optional<ManagedParameters.Refusal> refused(String name, String value, int version) {
    if (name.contains(".")) {
      return Optional.empty();
    }
    return rule(name, version)
        .map(rule -> rule.refused(value))
        .orElseGet(() -> Optional.of(unknown(name, version)));
  }

  private ManagedParameters.Refusal unknown(String name, int version) {
    return new ManagedParameters.Refusal(
        "PostgreSQL %d has no parameter %s".formatted(version, name),
        otherVersion(name, version)
            .or(
                () ->
                    ProblemText.nearest(name, names(version)).map("did you mean '%s'?"::formatted))
            .orElse("correct its name, or leave it out; pg_settings lists those that there are"));
  }

  private Optional<String> otherVersion(String name, int version) {
    return rules.getOrDefault(name, List.of()).stream()
        .findFirst()
        .map(
            rule ->
                rule.from() > version
                    ? "leave it out: it came with PostgreSQL " + rule.from()
                    : "leave it out: PostgreSQL %d took it away".formatted(rule.till()));
  }
}
