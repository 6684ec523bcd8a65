package ninefold.host;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the installation of packages, {@code templates/host/scripts/packages.sh}, with the real
 * shell.
 */
class PackagesStepTest {
  private static final String DEB = "deb %shttp://mirror.example.net/pgdg/ trixie-pgdg main\n";

  private static final String REPOSITORY =
      """
      === %1$s/etc/apt/keyrings/ninefold.asc %2$s 0644
      a key
      === %1$s/etc/apt/sources.list.d/ninefold.sources %2$s 0644
      Types: deb
      URIs: http://mirror.example.net/pgdg
      Suites: trixie-pgdg
      Components: main
      Signed-By: /etc/apt/keyrings/ninefold.asc
      """;

  private static final String PREFERENCES =
      "=== %1$s/etc/apt/preferences.d/ninefold-repository %2$s 0644\n"
          + Template.render(
              "host/repository.preferences.ftl",
              Map.of("packages", List.of("postgresql*", "libpq*")));

  private static final String PROXY =
      """
      === %1$s/etc/apt/apt.conf.d/60ninefold %2$s 0644
      Acquire::http::Proxy "http://proxy.example.net:3128";
      """;

  private static final String MIRROR =
      """
      === %1$s/etc/apt/sources.list.d/debian.sources %2$s 0644
      the mirror's
      """;

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private String owner;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    for (var folder : List.of("run", "state/applied", "usr/sbin", "var/log", "etc/apt")) {
      Files.createDirectories(machine.resolve(folder));
    }
    script("lib.sh", Template.script("host/lib.sh"));
    script("packages", Template.script("host/packages"));
    command("apt-get", "echo \"$NEEDRESTART_SUSPEND $*\" >>MACHINE/apt");
    command("dpkg", "");
    command("dpkg-query", "exit 1");
    command("systemctl", "");
    command("hostname", "echo machine1");
    owner = TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output();
  }

  @Test
  void missingPackages_areInstalled_withoutNeedrestart() throws IOException {
    var ended = step("patroni\njq\n", "");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(Files.readAllLines(machine.resolve("apt")))
        .allMatch(call -> call.startsWith("1 "))
        .anyMatch(call -> call.endsWith(" patroni jq"));
  }

  /** The step of each running service upgrades it, one machine after the other. */
  @Test
  void newVersionsOfRunningServices_areLeftToTheirSteps() throws IOException {
    runs("etcd", "patroni", "haproxy");

    var ended = step(held("etcd-server", "patroni", "postgresql-17", "haproxy", "keepalived"), "");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(installed()).containsExactly("keepalived=2");
  }

  @Test
  void newVersionsThatMustBeEqualEverywhere_areInstalledAtOnce() throws IOException {
    runs("patroni", "pgbackrest");

    step(held("patroni", "pgbackrest", "postgresql-17-pgaudit"), "");

    assertThat(installed()).containsExactly("pgbackrest=2 postgresql-17-pgaudit=2");
  }

  @Test
  void newVersionOfAServiceThatIsDown_isInstalledAtOnce() throws IOException {
    runs("haproxy");
    command("systemctl", "echo failed");

    step(held("haproxy"), "");

    assertThat(installed()).containsExactly("haproxy=2");
  }

  /** If no source has the version, the step fails before any service is touched. */
  @Test
  void newVersionsOfRunningServices_areFetched() throws IOException {
    runs("patroni");
    command("apt-get", "[[ $* != *--download-only* ]] || { echo 'E: no such version'; exit 1; }");

    var ended = step(held("patroni"), "");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("E: no such version");
  }

  /**
   * The service's step has installed its files and was interrupted: it still installs the version.
   */
  @Test
  void versionOfAnInterruptedServiceStep_isLeftToThatStep() throws IOException {
    runs("haproxy");
    versions("haproxy", "haproxy=2");
    Files.createDirectories(machine.resolve("state/tried"));
    Files.writeString(machine.resolve("state/tried/haproxy"), "");

    step(held("haproxy"), "");

    assertThat(installed()).isEmpty();
  }

  /** The service's step has recorded the version, and somebody has changed the package since. */
  @Test
  void recordedVersion_isInstalledAtOnce() throws IOException {
    runs("haproxy");
    versions("haproxy", "haproxy=2");

    step(held("haproxy"), "");

    assertThat(installed()).containsExactly("haproxy=2");
  }

  @Test
  void upgrade_installsTheHeldVersion() throws IOException {
    versions("patroni", "patroni=2\npostgresql-17=1");
    command("dpkg-query", "echo 'ii =1'");

    var ended = TestProcess.run(List.of(packages(), "upgrade", "patroni"), "", path());

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(installed()).containsExactly("patroni=2");
    assertThat(machine.resolve("usr/sbin/policy-rc.d")).doesNotExist();
  }

  @Test
  void upgradeWithoutAHeldVersion_doesNothing() {
    var ended = TestProcess.run(List.of(packages(), "upgrade", "patroni"), "", path());

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(machine.resolve("apt")).doesNotExist();
  }

  /** Makes services recorded and running, with packages of a different version. */
  private void runs(String... services) throws IOException {
    command("systemctl", "[[ $1 != is-active ]] || echo active");
    command("dpkg-query", "echo 'ii =1'");
    for (var service : services) {
      Files.writeString(machine.resolve("state/applied").resolve(service), "");
    }
  }

  private static String held(String... packages) {
    return Stream.of(packages).map(name -> name + "=2\n").collect(joining());
  }

  private void versions(String service, String held) throws IOException {
    var folder = Files.createDirectories(machine.resolve("state/versions"));
    Files.writeString(folder.resolve(service), held + "\n");
  }

  private List<String> installed() throws IOException {
    return Files.readAllLines(machine.resolve("apt")).stream()
        .filter(call -> call.contains(" install ") && !call.contains("--download-only"))
        .map(call -> call.replaceFirst(".*--force-unsafe-io ", ""))
        .toList();
  }

  private String packages() {
    return machine.resolve("lib/packages").toString();
  }

  private Map<String, String> path() {
    return Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH"));
  }

  /** With two keys for one repository, apt does not work at all on a machine. */
  @Test
  void repositoryWithADifferentKey_isRefused_beforeAnyFileIsInstalled() throws IOException {
    aptReadsItsSources();
    var list = place("sources.list.d/pgdg.list", DEB.formatted("[signed-by=/usr/share/pgdg.asc] "));

    var ended = step("patroni\n", REPOSITORY);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains(
            "machine1: packages: apt cannot read its sources",
            "Conflicting values set for option Signed-By",
            "already named in: " + list,
            "nothing was changed",
            "'packages' in the description");
    assertThat(apt("sources.list.d/ninefold.sources")).doesNotExist();
    assertThat(apt("keyrings/ninefold.asc")).doesNotExist();
    assertThat(machine.resolve("state/packages")).doesNotExist();
    assertThat(machine.resolve("apt")).doesNotExist();
  }

  @Test
  void repositoryWithoutAKey_isRefused() throws IOException {
    aptReadsItsSources();
    var list = place("sources.list.d/pgdg.list", DEB.formatted(""));

    assertThat(step("patroni\n", REPOSITORY).output()).contains("already named in: " + list);
  }

  @Test
  void otherSuiteAndOwnSource_areNotConflicts() throws IOException {
    aptReadsItsSources();
    place("sources.list.d/other.list", DEB.formatted("").replace("trixie-pgdg", "other"));

    for (int run = 0; run < 2; run++) {
      var ended = step("patroni\n", REPOSITORY);
      assertThat(ended.status()).as(ended.output()).isZero();
    }
    assertThat(apt("sources.list.d/ninefold.sources")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"update", "install"})
  void aptFailure_restoresTheMachinesFiles(String fails) throws IOException {
    var debian = place("sources.list.d/debian.sources", "the distribution's\n");
    aptFailsAt(fails);

    var ended = step("patroni\n", PROXY + MIRROR);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains(
            "packages: 'apt-get " + fails, "E: it failed", "previous sources and settings of apt");
    assertThat(debian).hasContent("the distribution's");
    assertThat(apt("apt.conf.d/60ninefold")).doesNotExist();
    assertThat(machine.resolve("usr/sbin/policy-rc.d")).doesNotExist();

    aptWorks();
    assertThat(step("patroni\n", "").status()).isZero();
    assertThat(debian).hasContent("the distribution's");
  }

  @Test
  void aptFailure_restoresTheFilesOfTheLastSuccess() throws IOException {
    var debian = place("sources.list.d/debian.sources", "the distribution's\n");
    assertThat(step("patroni\n", PROXY + MIRROR).status()).isZero();

    aptFailsAt("install");
    assertThat(step("patroni\n", PROXY.replace("//proxy", "//wrong")).status()).isEqualTo(1);

    assertThat(apt("apt.conf.d/60ninefold")).content().contains("//proxy");
    assertThat(debian).hasContent("the mirror's");
    aptWorks();
    assertThat(step("patroni\n", PROXY).status()).isZero();
    assertThat(debian).hasContent("the distribution's");
  }

  /** An attacker may want the machine to use an old list. */
  @Test
  void unreadableDescribedSource_failsTheStep() {
    aptCannotRead("http://mirror.example.net/pgdg/dists/trixie-pgdg/InRelease");

    var ended = step("patroni\n", REPOSITORY);

    assertThat(ended.status()).isOne();
    assertThat(ended.output())
        .contains(
            "machine1: packages: the list of http://mirror.example.net/pgdg/ can't be updated")
        .contains("W: Failed to fetch http://mirror.example.net/pgdg/dists/trixie-pgdg/InRelease");
    assertThat(apt("sources.list.d/ninefold.sources")).doesNotExist();
  }

  @Test
  void unreadableOtherSource_isReported() {
    aptCannotRead("http://other.example.net/pgdg/dists/x/InRelease");

    var ended = step("patroni\n", REPOSITORY);

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains(
            "apt uses an old package list, or none, of: http://other.example.net/pgdg/dists/x/InRelease");
  }

  private void aptCannotRead(String uri) {
    command(
        "apt-get",
        "[[ $* != *update ]] || { echo 'W: Failed to fetch %s  404'; echo 'W: Some index files failed'; }"
            .formatted(uri));
  }

  /** Uses lists as if they had been fetched, and checks what apt would install. */
  @Test
  void additionalRepository_replacesOnlyTheClustersPackages() throws IOException {
    aptReadsItsSources();
    place("sources.list", "deb [trusted=yes] http://deb.example.net/ x/\n");
    assertThat(step("patroni\n", REPOSITORY + PREFERENCES).status()).isZero();

    var debian = "openssl 3.5.1, postgresql-17 17.6-0, libpq5 17.6";
    var further = "openssl 99, postgresql-17 17.9-1, libpq5 18.1, sudo 99, only-there 1";

    assertThat(
            candidates(debian, further, "openssl", "postgresql-17", "libpq5", "only-there", "sudo"))
        .containsExactly("3.5.1", "17.9-1", "18.1", "1", "1.9");
  }

  @Test
  void additionalRepositoryOnDebiansHost_isNotDistinguished() throws IOException {
    aptReadsItsSources();
    place(
        "sources.list.d/debian.list",
        "deb [trusted=yes] http://mirror.example.net:8080/debian x/\n");

    var ended = step("patroni\n", REPOSITORY + PREFERENCES);

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains("packages.repository may replace any package")
        .contains("has the same host, mirror.example.net");
    assertThat(apt("preferences.d/ninefold-repository")).content().doesNotContain("Pin");
  }

  /** What apt would install. `sudo` is installed in a version that no source has. */
  private List<String> candidates(String debian, String further, String... packages)
      throws IOException {
    var lists = Files.createDirectories(machine.resolve("lists"));
    Files.createDirectories(lists.resolve("partial"));
    Files.writeString(lists.resolve("deb.example.net_x_Packages"), index(debian, ""));
    Files.writeString(lists.resolve("mirror.example.net_pgdg_x_Packages"), index(further, ""));
    var sources =
        Files.writeString(
            machine.resolve("sources"),
            """
            deb [trusted=yes] http://deb.example.net/ x/
            deb [trusted=yes] http://mirror.example.net/pgdg/ x/
            """);
    var status =
        Files.writeString(
            machine.resolve("status"), index("sudo 1.9", "Status: install ok installed\n"));
    var command = new ArrayList<>(List.of("/usr/bin/apt-cache"));
    for (var option :
        List.of(
            "Dir::Etc::sourcelist=" + sources,
            "Dir::Etc::sourceparts=/dev/null",
            "Dir::Etc::preferencesparts=" + apt("preferences.d"),
            "Dir::Etc::preferences=/dev/null",
            "Dir::State::lists=" + lists,
            "Dir::State::status=" + status,
            "Dir::Cache::pkgcache=",
            "Dir::Cache::srcpkgcache=")) {
      command.addAll(List.of("-o", option));
    }
    command.add("policy");
    command.addAll(List.of(packages));
    var output = TestProcess.run(command, "", Map.of("LC_ALL", "C")).output();
    return output
        .lines()
        .filter(line -> line.contains("Candidate: "))
        .map(line -> line.replaceFirst(".*: ", ""))
        .toList();
  }

  private static String index(String packages, String more) {
    return Stream.of(packages.split(", ", -1))
        .map(it -> it.split(" ", -1))
        .map(
            it ->
                """
                Package: %1$s
                %3$sVersion: %2$s
                Architecture: all
                Maintainer: x
                Filename: %1$s.deb
                Size: 1
                Description: x

                """
                    .formatted(it[0], it[1], more))
        .collect(joining());
  }

  /** Makes apt read its sources like Debian's, and nothing else. */
  private void aptReadsItsSources() {
    command(
        "apt-get",
        "[[ $* != *indextargets ]] || exec /usr/bin/apt-get \"$@\"\necho \"$*\" >>MACHINE/apt");
  }

  private void aptFailsAt(String verb) {
    command(
        "apt-get",
        "[[ \" $* \" != *' %s '* ]] || { echo 'E: it failed'; exit 100; }".formatted(verb));
  }

  private void aptWorks() {
    command("apt-get", "");
  }

  private Path apt(String path) {
    return machine.resolve("etc/apt").resolve(path);
  }

  private Path place(String path, String text) throws IOException {
    Files.createDirectories(apt(path).getParent());
    return Files.writeString(apt(path), text);
  }

  private TestProcess.Ended step(String packages, String files) {
    return TestProcess.run(
        List.of(packages()),
        "=== %1$s/state/packages %2$s 0644\n%3$s=== %1$s/state/users %2$s 0644\n%4$s=== end\n"
            .formatted(machine, owner, packages, files.formatted(machine, owner)),
        path());
  }

  /** Writes a script with its paths below the temporary folder. */
  private void script(String name, String text) {
    TestProcess.script(machine, name, text, "/usr/sbin/", "/var/log/", "/etc/");
  }

  /** Replaces a command of the machine. */
  private void command(String name, String text) {
    TestProcess.executable(
        machine.resolve("bin").resolve(name),
        "#!/bin/bash\n" + text.replace("MACHINE", machine.toString()) + "\n");
  }
}
