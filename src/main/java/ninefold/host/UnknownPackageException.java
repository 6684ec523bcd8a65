package ninefold.host;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import ninefold.error.UserErrorException;

/** Versions are given of packages that the cluster doesn't install; nothing was touched. */
public final class UnknownPackageException extends UserErrorException {
  private static final long serialVersionUID = 1;

  private UnknownPackageException(SortedSet<String> names, SortedSet<String> installed) {
    super(
        ("packages.versions: %s: installed by no step, so no version can be held; nothing was"
                + " touched. Write of these: %s")
            .formatted(String.join(", ", names), String.join(", ", installed)));
  }

  /**
   * Refuses versions of packages that are not installed.
   *
   * @param named the packages whose versions are given
   * @param installed those that the cluster installs
   */
  public static void requireKnown(Set<String> named, SortedSet<String> installed) {
    var unknown = new TreeSet<>(named);
    unknown.removeAll(installed);
    if (!unknown.isEmpty()) {
      throw new UnknownPackageException(unknown, installed);
    }
  }
}
