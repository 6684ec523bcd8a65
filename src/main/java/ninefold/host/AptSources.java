package ninefold.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.description.Packages;
import ninefold.render.TargetFile;

/** apt's sources, preferences and proxy for the nodes. */
final class AptSources {
  /**
   * Debian's own archive of security updates, which is separate from the one that mirrors carry.
   */
  private static final String DEBIAN_SECURITY = "http://security.debian.org/debian-security";

  /**
   * The packages that the described repository may replace. From it, apt takes other packages only
   * if no other source has them.
   */
  private static final List<String> REPLACEABLE_PACKAGES =
      List.of(
          "postgresql*",
          "libpq*",
          "patroni*",
          "pgbouncer*",
          "pgbackrest*",
          "etcd*",
          "haproxy*",
          "keepalived*",
          "python3-etcd*",
          "python3-psycopg*");

  private AptSources() {}

  /** Returns the files for the settings that are described; without any, apt is left as it is. */
  static List<TargetFile> files(Packages packages) {
    var files = new ArrayList<TargetFile>();
    packages
        .proxy()
        .ifPresent(
            proxy ->
                files.add(
                    TargetFile.worldReadable(
                        "/etc/apt/apt.conf.d/60ninefold",
                        "Acquire::http::Proxy \"" + proxy + "\";\n")));
    packages
        .mirror()
        .ifPresent(
            mirror ->
                files.add(
                    TargetFile.rendered(
                        "/etc/apt/sources.list.d/debian.sources",
                        "host/debian.sources.ftl",
                        Map.of(
                            "mirror",
                            mirror,
                            "security",
                            packages.securityMirror().orElse(DEBIAN_SECURITY)))));
    packages
        .repository()
        .ifPresent(
            repository -> {
              files.add(
                  TargetFile.worldReadable("/etc/apt/keyrings/ninefold.asc", repository.key()));
              files.add(
                  TargetFile.rendered(
                      "/etc/apt/sources.list.d/ninefold.sources",
                      "host/repository.sources.ftl",
                      Map.of("repository", repository)));
              files.add(
                  TargetFile.rendered(
                      "/etc/apt/preferences.d/ninefold-repository",
                      "host/repository.preferences.ftl",
                      Map.of("packages", REPLACEABLE_PACKAGES)));
            });
    if (!packages.versions().isEmpty()) {
      files.add(
          TargetFile.rendered(
              "/etc/apt/preferences.d/ninefold",
              "host/preferences.ftl",
              Map.of("versions", packages.versions())));
    }
    return files;
  }
}
