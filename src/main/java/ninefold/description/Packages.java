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

/** Where packages come from. */
public record Packages(
    @Description("Base URL of a Debian mirror. If left out, the machines keep their own sources.")
        @Format(TextFormat.URL)
        Optional<String> mirror,
    @Description(
            "Base URL of a mirror of Debian's security updates, in addition to mirror. If left out,"
                + " they come from http://security.debian.org/debian-security.")
        @Format(TextFormat.URL)
        Optional<String> securityMirror,
    @Description("URL of an apt proxy.") @Format(TextFormat.URL) Optional<String> proxy,
    @Description("Additional apt repository, such as PostgreSQL's own.")
        Optional<Repository> repository,
    @Description(
            "Whether machines install security updates automatically, except for the packages of the"
                + " cluster's services.")
        @Default("false")
        boolean securityUpdates,
    @Description("Package versions to pin, by package name, as apt writes them.")
        @Default("{}")
        @Format(value = TextFormat.VERSION, keys = TextFormat.PACKAGE)
        Map<String, String> versions) {

  /** Keeps a copy that cannot be changed, in order, so that files stay the same. */
  public Packages {
    versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
  }

  /** The pinned ones of these packages, as {@code NAME=VERSION}. */
  public List<String> held(String... packages) {
    return Stream.of(packages)
        .filter(versions::containsKey)
        .map(name -> name + "=" + versions.get(name))
        .toList();
  }

  /** An apt repository. */
  public record Repository(
      @Description("Base URL of the repository.") @Format(TextFormat.URL) String url,
      @Description("Suite of the repository, such as trixie-pgdg.") @Format(TextFormat.SUITE)
          String suite,
      @Description("Component of the repository.") @Default("main") @Format(TextFormat.SUITE)
          String component,
      @Description("ASCII-armored public key that signs the repository.")
          @Format(TextFormat.PGP_KEY)
          String key) {}
}
