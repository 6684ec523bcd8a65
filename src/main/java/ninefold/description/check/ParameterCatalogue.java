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
 * The parameters of each PostgreSQL version that Patroni passes on, and their values. Patroni drops
 * unknown parameters and replaces values out of range, and only reports this in its log.
 */
final class ParameterCatalogue {
  /** The catalogue's path in the jar. */
  private static final String RESOURCE = "/postgresql-parameters.tsv";

  private static final ParameterCatalogue PACKAGED = read();

  private final Map<String, List<ParameterRule>> rules;

  private ParameterCatalogue(List<ParameterRule> rules) {
    this.rules = rules.stream().collect(groupingBy(ParameterRule::name, TreeMap::new, toList()));
  }

  /** The catalogue that was packaged with this class. */
  static ParameterCatalogue packaged() {
    return PACKAGED;
  }

  private static ParameterCatalogue read() {
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

  /** The parameters of a version. */
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
   * Why Patroni would drop a parameter or replace its value; empty if it would not. Patroni does
   * not check parameters of extensions, whose names have a dot.
   */
  Optional<ManagedParameters.Refusal> refused(String name, String value, int version) {
    if (name.contains(".")) {
      return Optional.empty();
    }
    return rule(name, version)
        .map(rule -> rule.checkValue(value))
        .orElseGet(() -> Optional.of(unknown(name, version)));
  }

  private ManagedParameters.Refusal unknown(String name, int version) {
    return new ManagedParameters.Refusal(
        "PostgreSQL %d has no parameter %s".formatted(version, name),
        otherVersion(name, version)
            .or(
                () ->
                    ProblemText.nearest(name, names(version)).map("did you mean '%s'?"::formatted))
            .orElse("correct the name, or remove it; pg_settings lists all parameters"));
  }

  private Optional<String> otherVersion(String name, int version) {
    return rules.getOrDefault(name, List.of()).stream()
        .findFirst()
        .map(
            rule ->
                rule.from() > version
                    ? "remove it: it was added in PostgreSQL " + rule.from()
                    : "remove it: it was removed in PostgreSQL %d".formatted(rule.before()));
  }
}
