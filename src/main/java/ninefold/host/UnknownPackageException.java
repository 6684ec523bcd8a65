package ninefold.host;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import ninefold.error.UserErrorException;

/**
 * {@code packages.versions} names packages that the cluster does not install; nothing was touched.
 */
public final class UnknownPackageException extends UserErrorException {
  private static final long serialVersionUID = 1;

  private UnknownPackageException(SortedSet<String> names, SortedSet<String> installed) {
    super(
        ("packages.versions: %s: installed by no step, so no version can be held; nothing was"
                + " touched. Name packages of this list only: %s")
            .formatted(String.join(", ", names), String.join(", ", installed)));
  }

  /**
   * Requires that every named package is installed.
   *
   * @param named the packages of {@code packages.versions}
   * @param installed the packages that the cluster installs
   * @throws UnknownPackageException if one of them is not installed
   */
  public static void requireKnown(Set<String> named, SortedSet<String> installed) {
    var unknown = new TreeSet<>(named);
    unknown.removeAll(installed);
    if (!unknown.isEmpty()) {
      throw new UnknownPackageException(unknown, installed);
    }
  }
}
