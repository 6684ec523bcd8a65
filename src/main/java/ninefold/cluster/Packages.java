package ninefold.cluster;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Where packages come from. */
public record Packages(
    @Doc("Base URL of a Debian mirror. If left out, the machines keep their own sources.")
        @Written(Form.URL)
        Optional<String> mirror,
    @Doc(
            "Base URL of a mirror of Debian's security updates, in addition to mirror. If left out,"
                + " they come from http://security.debian.org/debian-security.")
        @Written(Form.URL)
        Optional<String> securityMirror,
    @Doc("URL of an apt proxy.") @Written(Form.URL) Optional<String> proxy,
    @Doc("Additional apt repository, such as PostgreSQL's own.") Optional<Repository> repository,
    @Doc(
            "Whether machines install security updates automatically, except for the packages of the"
                + " cluster's services.")
        @Default("false")
        boolean securityUpdates,
    @Doc("Package versions to pin, by package name, as apt writes them.")
        @Default("{}")
        @Written(value = Form.VERSION, keys = Form.PACKAGE)
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

  /** An apt repository. */
  public record Repository(
      @Doc("Base URL of the repository.") @Written(Form.URL) String url,
      @Doc("Suite of the repository, such as trixie-pgdg.") @Written(Form.SUITE) String suite,
      @Doc("Component of the repository.") @Default("main") @Written(Form.SUITE) String component,
      @Doc("ASCII-armored public key that signs the repository.") @Written(Form.PGP_KEY)
          String key) {}
}
