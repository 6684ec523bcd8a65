package ninefold.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.description.Packages;
import ninefold.render.TargetFile;

/** The files that tell apt where packages come from, and which versions it takes. */
final class AptSources {
  /**
   * Where Debian itself serves security updates. A mirror of Debian does not carry them: they are
   * an archive of their own.
   */
  private static final String SECURITY = "http://security.debian.org/debian-security";

  /** What a further repository may give, beside what no other source has. */
  private static final List<String> GIVEN =
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
                            packages.securityMirror().orElse(SECURITY)))));
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
                      Map.of("packages", GIVEN)));
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
