package ninefold;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeSet;
import ninefold.Graph.Declared;
import ninefold.description.reader.DescriptionReader;
import ninefold.host.PreparedHost;
import ninefold.render.Template;
import ninefold.service.Service;
import org.junit.jupiter.api.Test;

/** The list of services against what the program declares. */
class ServicesTest {
  private static final Graph GRAPH = Graph.of(Descriptions.stack("containers"));

  @Test
  void everyServiceHasAComponent_andEveryComponentIsListed() {
    assertThat(GRAPH.resources())
        .filteredOn(resource -> resource.type().startsWith("ninefold:service:"))
        .extracting(Declared::name)
        .containsExactlyInAnyOrderElementsOf(Service.ALL.stream().map(Service::component).toList());
  }

  /** Only listed packages may be pinned, and a listed one that no machine installs is a mistake. */
  @Test
  void machinesInstallExactlyTheListedPackages() {
    var cluster = DescriptionReader.read(Descriptions.stack("containers"));
    var listed = Service.packages(cluster).collect(toCollection(TreeSet::new));
    listed.addAll(PreparedHost.requirements(cluster).packages());

    var installed =
        GRAPH.steps().stream()
            .filter(step -> step.thing().equals("packages"))
            .flatMap(step -> ReceivedBundle.of(step.text("stdin")).files().stream())
            .filter(file -> file.path().equals("/var/lib/ninefold/packages"))
            .flatMap(file -> file.text().lines())
            .collect(toCollection(TreeSet::new));

    assertThat(installed).isEqualTo(listed);
  }

  /** Scripts are installed unchanged, so the directory is in etcd's script too. */
  @Test
  void etcdsScriptAndConfigurationNameTheSameDataDirectory() {
    var setting = "ETCD_DATA_DIR=";
    var directory =
        ReceivedBundle.of(GRAPH.step("etcd1/etcd").text("stdin")).files().stream()
            .filter(file -> file.path().equals("/etc/default/etcd"))
            .flatMap(file -> file.text().lines())
            .filter(line -> line.startsWith(setting))
            .map(line -> line.substring(setting.length()))
            .findFirst()
            .orElseThrow();

    assertThat(Template.script("etcd/etcd")).contains("readonly data=" + directory + "\n");
  }
}
