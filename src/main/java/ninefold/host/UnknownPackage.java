package ninefold.host;

import java.util.Set;
import java.util.SortedSet;

/** A version is given of a package that the cluster doesn't install; nothing was touched. */
public final class UnknownPackage extends RuntimeException {
  private static final long serialVersionUID = 1;

  private UnknownPackage(String name, SortedSet<String> installed) {
    super(
        "packages.versions: %s is installed by no step, so its version can't be held; nothing was touched. Write one of: %s"
            .formatted(name, String.join(", ", installed)));
  }

  /**
   * Refuses versions of packages that are not installed.
   *
   * @param named the packages whose versions are given
   * @param installed those that the cluster installs
   */
  public static void requireKnown(Set<String> named, SortedSet<String> installed) {
    named.stream()
        .filter(name -> !installed.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new UnknownPackage(name, installed);
            });
  }
}
