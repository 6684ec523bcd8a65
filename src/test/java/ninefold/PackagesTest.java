package ninefold;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests the dependencies between packages, which docs/architecture.md lists. */
class PackagesTest {
  private static final String ROOT = "ninefold";

  /** The packages that each package imports, from the bottom to the top. */
  private static final Map<String, Set<String>> IMPORTS =
      Map.ofEntries(
          entry("description.schema", Set.of("description.problem")),
          entry("description", Set.of("description.schema")),
          entry(
              "description.check",
              Set.of("description", "description.problem", "description.schema")),
          entry(
              "description.reader",
              Set.of(
                  "description",
                  "description.check",
                  "description.problem",
                  "description.schema",
                  "error")),
          entry("render", Set.of("digest")),
          entry("ssh", Set.of("description", "error")),
          entry("secret", Set.of("description", "digest", "error", "pulumi", "render")),
          entry("host", Set.of("description", "error", "render")),
          entry(
              "machine",
              Set.of("description", "digest", "error", "host", "pulumi", "render", "ssh")),
          entry("service", Set.of("description", "host", "render", "secret")),
          entry("client", Set.of("description", "render")),
          entry("hive", Set.of("client", "description", "render")),
          entry("verdict", Set.of("description", "service")),
          entry(
              "command",
              Set.of("description", "description.reader", "digest", "error", "ssh", "verdict")));

  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void packagesImportOnlyListedPackages() {
    var imports =
        PROGRAM.stream()
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .filter(it -> !name(it.getOriginClass()).equals(ROOT))
            .filter(it -> it.getTargetClass().getPackageName().startsWith(ROOT + "."))
            .filter(it -> !name(it.getOriginClass()).equals(name(it.getTargetClass())))
            .collect(
                groupingBy(
                    it -> name(it.getOriginClass()), mapping(PackagesTest::target, toSet())));

    assertThat(imports).isEqualTo(IMPORTS);
  }

  @Test
  void noPackageImportsTheRootPackage() {
    assertThat(PROGRAM.stream())
        .filteredOn(type -> !name(type).equals(ROOT))
        .flatExtracting(JavaClass::getDirectDependenciesFromSelf)
        .noneMatch(it -> it.getTargetClass().getPackageName().equals(ROOT));
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("ninefold.(**)").should().beFreeOfCycles().check(PROGRAM);
  }

  private static String target(Dependency dependency) {
    return name(dependency.getTargetClass());
  }

  private static String name(JavaClass type) {
    var name = type.getPackageName();
    return name.equals(ROOT) ? ROOT : name.substring(ROOT.length() + 1);
  }
}
