package ninefold.description;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * Where packages come from.
 *
 * @param mirror base URL of a mirror of the distribution; the machine's own sources if absent
 * @param securityMirror base URL of a mirror of the distribution's security updates; the
 *     distribution's own if absent
 * @param proxy URL of a caching proxy for apt
 * @param repository a further repository, such as PostgreSQL's own
 * @param securityUpdates whether security updates are installed without being asked for
 * @param versions pinned versions by package name
 */
public record Packages(
    @Description("Base URL of a Debian mirror; without it the machine's own sources are used.")
        @Format(TextFormat.URL)
        Optional<String> mirror,
    @Description(
            "Base URL of a mirror of Debian's security updates, beside mirror; "
                + "without it they come from http://security.debian.org/debian-security.")
        @Format(TextFormat.URL)
        Optional<String> securityMirror,
    @Description("URL of a proxy for apt.") @Format(TextFormat.URL) Optional<String> proxy,
    @Description("A further apt repository, such as PostgreSQL's own.")
        Optional<Repository> repository,
    @Description(
            "Whether machines install security updates by themselves; what the cluster runs on is"
                + " left out.")
        @Default("false")
        boolean securityUpdates,
    @Description("Pinned versions by package name, as apt writes them.")
        @Default("{}")
        @Format(value = TextFormat.VERSION, keys = TextFormat.PACKAGE)
        Map<String, String> versions) {

  /** Keeps a copy that cannot be changed, in order, so that files stay the same. */
  public Packages {
    versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
  }

  /** Those of the packages that are held at a version, as {@code NAME=VERSION}. */
  public List<String> held(String... packages) {
    return Stream.of(packages)
        .filter(versions::containsKey)
        .map(name -> name + "=" + versions.get(name))
        .toList();
  }

  /**
   * An apt repository.
   *
   * @param url its base URL
   * @param suite the suite, such as {@code trixie-pgdg}
   * @param component the component
   * @param key the armoured public key that signs it
   */
  public record Repository(
      @Description("Base URL.") @Format(TextFormat.URL) String url,
      @Description("Suite, such as trixie-pgdg.") @Format(TextFormat.SUITE) String suite,
      @Description("Component.") @Default("main") @Format(TextFormat.SUITE) String component,
      @Description("The armoured public key that signs the repository.") @Format(TextFormat.PGP_KEY)
          String key) {}
}
