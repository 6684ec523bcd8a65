package ninefold;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ninefold.Graph.Declared;
import ninefold.description.Node;
import ninefold.description.reader.DescriptionReader;
import ninefold.render.Template;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file that lands on the machines of stack {@code containers}, and some of {@code prod},
 * against the text that was reviewed: {@code src/test/resources/rendered/NODE/PATH} for the first
 * node of each kind. The file {@code differences} has what distinguishes the other nodes from it
 * besides their names and addresses. In {@code NODE/steps} stand the steps, what each is told
 * beside its files, and each file's owner and mode; a text of one line, such as a key, stands there
 * too.
 *
 * <p>After a change that is meant: {@code make rendered}, then review what {@code git diff} shows.
 */
class RenderedFilesTest {
  private static final Path REVIEWED = Path.of("src/test/resources/rendered");
  private static final String HOW_TO_WRITE = "if the change is meant: make rendered";
  private static final Graph GRAPH = Graph.of(Descriptions.stack("containers"));

  /**
   * A stack with large machines and managed clocks: some files differ from those of a small one.
   */
  private static final Graph PROD = Graph.of(Descriptions.stack("prod"));

  private static final List<String> LARGE =
      List.of(
          "postgres1/etc/chrony/conf.d/ninefold.conf",
          "postgres1/etc/sysctl.d/60-ninefold.conf",
          "postgres1/var/lib/ninefold/dynamic.yml");

  private static final Pattern DIGEST = Pattern.compile("\\b[0-9a-f]{16}\\b");
  private static final Pattern SCRIPT =
      Pattern.compile("script (\\S+) <<'ninefold:end'\n(.*?)ninefold:end\n", Pattern.DOTALL);

  static List<String> machines() {
    return GRAPH.steps().stream().map(Declared::machine).distinct().sorted().toList();
  }

  @TestFactory
  Stream<DynamicTest> isWhatWasReviewed() throws IOException {
    var rendered = new TreeMap<String, String>();
    var differences = new ArrayList<String>();
    for (var kind : kinds()) {
      var first = kind.get(0);
      var files = rendered(GRAPH, first.name());
      rendered.putAll(files);
      for (var node : kind.subList(1, kind.size())) {
        differences.add(node.name() + ": the files of " + first.name());
        differences.addAll(
            new NodeDifferences(first, node).of(paths(files), paths(rendered(GRAPH, node.name()))));
      }
    }
    rendered.put("differences", String.join("\n", differences) + "\n");
    var large = rendered(PROD, "postgres1");
    LARGE.forEach(name -> rendered.put("prod/" + name, large.get(name)));
    if ("write".equals(System.getProperty("rendered"))) {
      write(rendered);
    }
    var reviewed = reviewed();
    var names = Stream.concat(rendered.keySet().stream(), reviewed.keySet().stream()).distinct();
    return names.map(
        name ->
            DynamicTest.dynamicTest(
                name,
                () ->
                    assertThat(rendered.getOrDefault(name, "(nothing is rendered)"))
                        .as("%s; %s", name, HOW_TO_WRITE)
                        .isEqualTo(reviewed.getOrDefault(name, "(nothing was reviewed)"))));
  }

  /** The nodes with the same roles, in the description's order. */
  private static Collection<List<Node>> kinds() {
    return DescriptionReader.read(Descriptions.stack("containers")).nodes().stream()
        .collect(groupingBy(Node::roles, LinkedHashMap::new, Collectors.toList()))
        .values();
  }

  /** The files of a machine, without its name before their paths. */
  private static Map<String, String> paths(Map<String, String> files) {
    return files.entrySet().stream()
        .collect(
            toMap(
                file -> file.getKey().substring(file.getKey().indexOf('/')), Map.Entry::getValue));
  }

  /** All that a machine is told, by file of the review. */
  private static Map<String, String> rendered(Graph graph, String machine) {
    var files = new HashMap<String, String>();
    var steps = new StringBuilder();
    graph.steps().stream()
        .filter(step -> step.machine().equals(machine))
        .sorted(Comparator.comparing(Declared::thing))
        .forEach(
            step -> {
              steps.append(step.thing()).append('\n');
              if (step.thing().equals("scripts")) {
                files.put(
                    machine + "/install.sh", SCRIPT.matcher(step.text("stdin")).replaceAll(""));
                for (var name : List.of("facts.json", "node.env")) {
                  files.put(machine + "/" + name, scripts(step).get(name));
                }
                scripts(step)
                    .keySet()
                    .forEach(name -> steps.append("  ").append(name).append('\n'));
              } else {
                describe(machine, step, steps, files);
              }
            });
    files.put(machine + "/steps", steps.toString());
    return files;
  }

  private static void describe(
      String machine, Declared step, StringBuilder steps, Map<String, String> files) {
    var bundle = ReceivedBundle.of(step.text("stdin"));
    bundle
        .header()
        .forEach(
            line ->
                steps.append("  ").append(DIGEST.matcher(line).replaceAll("DIGEST")).append('\n'));
    for (var file : bundle.files()) {
      steps.append("  %s %s %s".formatted(file.mode(), file.owner(), file.path()));
      if (file.text().lines().count() == 1) {
        steps.append(": ").append(file.text().strip());
      } else {
        files.put(machine + file.path(), file.text());
      }
      steps.append('\n');
    }
  }

  /** The scripts on a machine are the files in {@code templates/}, unchanged. */
  private static Map<String, String> scripts(Declared step) {
    var scripts = new TreeMap<String, String>();
    var matcher = SCRIPT.matcher(step.text("stdin"));
    while (matcher.find()) {
      scripts.put(matcher.group(1), matcher.group(2));
    }
    return scripts;
  }

  @ParameterizedTest
  @MethodSource("machines")
  void scriptsAreInstalledUnchanged(String machine) throws IOException {
    var scripts = new TreeMap<>(scripts(GRAPH.step(machine + "/scripts")));
    // These are generated from the services' requirements and the description.
    scripts.keySet().removeAll(List.of("facts.json", "limit", "node.env"));

    assertThat(scripts).containsKeys("lib.sh", "step", "packages", "system", "secrets");
    for (var script : scripts.entrySet()) {
      assertThat(script.getValue()).as(script.getKey()).isEqualTo(template(script.getKey()));
    }
  }

  private static String template(String script) throws IOException {
    var names = Set.of(script, script + ".sh", script + ".py");
    try (var templates = Files.walk(Path.of("templates"))) {
      var found =
          templates
              .filter(Files::isRegularFile)
              .filter(file -> names.contains(file.getFileName().toString()))
              .toList();
      assertThat(found).as("scripts are named once").hasSize(1);
      assertThat(found.get(0).getParent()).hasFileName("scripts");
      return Files.readString(found.get(0));
    }
  }

  /** Each service has a script with its name, and each step runs a script. */
  @Test
  void everyStepRunsAnInstalledScript() {
    for (var step : GRAPH.steps()) {
      if (!step.thing().equals("scripts")) {
        assertThat(scripts(GRAPH.step(step.machine() + "/scripts"))).containsKey(step.thing());
        assertThat(step.text("create")).endsWith(" " + step.thing());
      }
    }
  }

  /** Steps that place and start nothing have only a record, which is removed with all others. */
  @Test
  void leaveRemovesEveryStep() {
    var placing =
        GRAPH.steps().stream()
            .map(Declared::thing)
            .filter(step -> !Set.of("scripts", "members", "balancer-ready").contains(step))
            .collect(Collectors.toSet());
    var listed =
        Pattern.compile("(?s)for name in (.*?); do").matcher(Template.script("host/leave"));
    assertThat(listed.find()).isTrue();

    assertThat(List.of(listed.group(1).replace("\\", " ").trim().split("\\s+")))
        .containsExactlyInAnyOrderElementsOf(placing);
  }

  private static Map<String, String> reviewed() throws IOException {
    var reviewed = new TreeMap<String, String>();
    for (var file : files()) {
      reviewed.put(REVIEWED.relativize(file).toString(), Files.readString(file));
    }
    return reviewed;
  }

  private static List<Path> files() throws IOException {
    if (!Files.isDirectory(REVIEWED)) {
      return new ArrayList<>();
    }
    try (var files = Files.walk(REVIEWED)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static void write(Map<String, String> rendered) throws IOException {
    for (var file : files()) {
      Files.delete(file);
    }
    rendered.forEach(
        (name, text) -> {
          try {
            var file = REVIEWED.resolve(name);
            Files.createDirectories(file.getParent());
            Files.write(file, text.getBytes(UTF_8));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
