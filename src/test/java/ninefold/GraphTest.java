package ninefold;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import ninefold.Graph.Declared;
import ninefold.description.Cluster;
import ninefold.description.Machines;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.description.reader.DescriptionReader;
import ninefold.render.Bundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests the resources that the program declares for the project's stacks. */
class GraphTest {
  private static final long MOST_STEPS = 15;
  private static final Map<String, Graph> GRAPHS = new ConcurrentHashMap<>();

  static List<String> stacks() {
    return Descriptions.stacks();
  }

  private static Cluster cluster(String stack) {
    return DescriptionReader.read(Descriptions.stack(stack));
  }

  private static Graph graph(String stack) {
    return GRAPHS.computeIfAbsent(stack, name -> Graph.of(Descriptions.stack(name)));
  }

  private static boolean hasExistingHosts(String stack) {
    return cluster(stack).machines() instanceof Machines.Given;
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void stackIsDeclaredWithoutWarnings(String stack) {
    assertThat(graph(stack).exceptions()).isEmpty();
    assertThat(graph(stack).errors()).isEmpty();
  }

  @Test
  void poolCertificateContainsNamesOfClients() throws IOException {
    var text = Files.readString(Descriptions.stack("containers"));
    var file =
        Descriptions.write(text.replace("network:\n", "network:\n  names: [db.example.net]\n"));

    var requests =
        Graph.of(file).resources().stream()
            .filter(it -> it.name().endsWith("/request"))
            .filter(it -> String.valueOf(it.inputs().get("dnsNames")).contains("db.example.net"));

    assertThat(requests.map(Declared::name))
        .containsExactlyInAnyOrder(
            "postgres1/pool/server/request",
            "postgres2/pool/server/request",
            "postgres3/pool/server/request");
    Files.delete(file);
  }

  @Test
  void operatorsReachOperatorPortsOfEveryNode() throws IOException {
    var text = Files.readString(Descriptions.stack("containers"));
    var own = Descriptions.write(text + "\nfirewall: {operatorPorts: [9100, 9187]}\n");
    var named =
        Descriptions.write(
            text + "\nfirewall: {operators: [10.60.0.0/24], operatorPorts: [9187]}\n");

    assertThat(rules(Graph.of(own)))
        .hasSize(9)
        .allMatch(rules -> rules.contains("tcp dport 9100 ip saddr 192.168.100.0/24 accept\n"))
        .allMatch(rules -> rules.contains("tcp dport 9187 ip saddr 192.168.100.0/24 accept\n"));
    assertThat(rules(Graph.of(named)))
        .allMatch(rules -> rules.contains("tcp dport 9187 ip saddr 10.60.0.0/24 accept\n"));
    assertThat(rules(graph("containers")))
        .noneMatch(rules -> rules.contains("Other ports for operators"));
    Files.delete(own);
    Files.delete(named);
  }

  private static List<String> rules(Graph graph) {
    return graph.steps().stream()
        .filter(step -> step.thing().equals("firewall"))
        .map(step -> step.text("stdin"))
        .toList();
  }

  @Test
  void componentsMirrorTheArchitecture() {
    assertThat(components("containers"))
        .containsExactly(
            "ninefold:cluster:PostgresCluster containers",
            "ninefold:host:Host etcd1",
            "ninefold:host:Host etcd2",
            "ninefold:host:Host etcd3",
            "ninefold:host:Host haproxy1",
            "ninefold:host:Host haproxy2",
            "ninefold:host:Host postgres1",
            "ninefold:host:Host postgres2",
            "ninefold:host:Host postgres3",
            "ninefold:host:Host repository",
            "ninefold:secret:Authority authority",
            "ninefold:secret:Authority etcd-authority",
            "ninefold:secret:Authority pgbackrest-authority",
            "ninefold:secret:Credentials credentials",
            "ninefold:service:Databases databases",
            "ninefold:service:Etcd etcd",
            "ninefold:service:Haproxy haproxy",
            "ninefold:service:Keepalived keepalived",
            "ninefold:service:Patroni patroni",
            "ninefold:service:PgBackRest pgbackrest",
            "ninefold:service:PgBouncer pgbouncer");
  }

  private static List<String> components(String stack) {
    return graph(stack).resources().stream()
        .filter(resource -> resource.type().startsWith("ninefold:"))
        .map(resource -> resource.type() + " " + resource.name())
        .sorted()
        .toList();
  }

  @Test
  void eachNodeHasTheStepsOfItsRoles() {
    assertThat(stepsByMachine("containers"))
        .containsEntry("etcd1", "etcd firewall packages scripts secrets system")
        .containsEntry("etcd2", "etcd firewall packages scripts secrets system")
        .containsEntry(
            "haproxy1",
            "balancer-ready firewall haproxy keepalived packages scripts secrets system")
        .containsEntry(
            "haproxy2",
            "balancer-ready firewall haproxy keepalived packages scripts secrets system")
        .containsEntry(
            "postgres1",
            "configuration databases firewall members packages patroni pgbackrest pgbouncer scripts secrets"
                + " system")
        .containsEntry(
            "postgres2",
            "databases firewall packages patroni pgbackrest pgbouncer scripts secrets system")
        .containsEntry("repository", "firewall packages pgbackrest scripts secrets stanza system")
        .hasSize(9);
  }

  private static Map<String, String> stepsByMachine(String stack) {
    var steps = new TreeMap<String, String>();
    graph(stack).steps().stream()
        .collect(
            groupingBy(Declared::machine, mapping(Declared::thing, toCollection(TreeSet::new))))
        .forEach((machine, things) -> steps.put(machine, String.join(" ", things)));
    return steps;
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void nodesHaveFewSteps(String stack) {
    var counts = graph(stack).steps().stream().collect(groupingBy(Declared::machine, counting()));

    assertThat(counts.keySet())
        .containsExactlyInAnyOrderElementsOf(
            cluster(stack).nodes().stream().map(Node::name).toList());
    assertThat(counts)
        .allSatisfy((machine, count) -> assertThat(count).isLessThanOrEqualTo(MOST_STEPS));
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void stepsHaveTheSameCommandForCreateAndUpdate(String stack) {
    assertThat(graph(stack).steps())
        .allSatisfy(
            step -> {
              assertThat(step.text("update"))
                  .isEqualTo(
                      step.text("create")
                          + " change-"
                          + FakeProviders.number(
                              graph(stack).change(step).inputs().get("keepers")));
              assertThat(step.inputs())
                  .as("a replaced step would run the old one's delete after the new one")
                  .doesNotContainKeys("triggers", "environment")
                  .containsEntry("addPreviousOutputInEnv", false);
            });
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void changeNumberDependsOnTheWholeInput(String stack) {
    assertThat(graph(stack).steps())
        .allSatisfy(
            step ->
                assertThat(graph(stack).change(step).inputs())
                    .containsEntry(
                        "keepers",
                        Map.of("text", Bundle.digest(step.text("stdin") + occasion(stack, step)))));
  }

  /** The step 'configuration' runs whenever a member's step has printed something different. */
  private static String occasion(String stack, Declared step) {
    return step.thing().equals("configuration")
        ? cluster(stack).nodes(Role.POSTGRES).stream()
            .map(node -> "what " + node.name() + "/patroni said")
            .collect(joining())
        : "";
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void commandLinesAreShortAndContainNoSecret(String stack) {
    assertThat(graph(stack).steps())
        .allSatisfy(
            step ->
                assertThat(step.text("create") + step.text("delete"))
                    .hasSizeLessThan(200)
                    .doesNotContain("\n", FakeProviders.SECRET, "SCRAM-SHA-256"));
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void everyConnectionPinsItsHostKey(String stack) {
    assertThat(graph(stack).steps())
        .allSatisfy(
            step ->
                assertThat(connection(step).get("hostKey"))
                    .asString()
                    .matches("ssh-ed25519 [A-Za-z0-9+/]+( .*)?"));
  }

  private static Map<?, ?> connection(Declared step) {
    return (Map<?, ?>) step.inputs().get("connection");
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void onlyExistingHostsHaveDeleteCommands(String stack) {
    for (var step : graph(stack).steps()) {
      if (hasExistingHosts(stack)) {
        var script = step.thing().equals("scripts") ? "leave" : step.thing() + " remove";
        assertThat(step.text("delete")).startsWith("[ ! -e ").endsWith(" " + script);
      } else {
        assertThat(step.text("delete")).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void onlySecretsStepsContainSecrets(String stack) {
    assertThat(graph(stack).steps())
        .allSatisfy(
            step -> {
              assertThat(step.secrets()).contains("connection.privateKey");
              if (step.thing().equals("secrets")) {
                assertThat(step.secrets()).contains("stdin");
              } else {
                assertThat(step.secrets())
                    .as("a preview shows its changes")
                    .doesNotContain("stdin");
                assertThat(step.text("stdin"))
                    .doesNotContain(FakeProviders.SECRET, "SCRAM-SHA-256$");
              }
            });
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void hostsArePreparedBeforeTheirServices(String stack) {
    var graph = graph(stack);
    var agreed = preflights(stack);
    for (var step : graph.steps()) {
      var machine = step.machine();
      var before = graph.before(step);
      switch (step.thing()) {
        case "scripts" -> assertThat(before).isEmpty();
        case "packages", "members", "administrator", "host-keys" ->
            assertThat(before).containsExactly(machine + "/scripts");
        case "system", "secrets", "firewall" ->
            assertThat(before)
                .containsAll(agreed)
                .containsOnlyOnceElementsOf(List.of(machine + "/scripts", machine + "/packages"))
                .allMatch(name -> name.startsWith(machine + "/") || agreed.contains(name));
        default ->
            assertThat(before)
                .contains(machine + "/system", machine + "/secrets", machine + "/firewall");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void servicesDependOnTheirPrerequisites(String stack) {
    var cluster = cluster(stack);
    var etcd = steps(cluster, Role.ETCD, "etcd");
    var patroni = steps(cluster, Role.POSTGRES, "patroni");
    var databases = steps(cluster, Role.POSTGRES, "databases");
    var backup = steps(cluster, Role.REPOSITORY, "stanza");
    var haproxy = steps(cluster, Role.BALANCER, "haproxy");
    var keepalived = steps(cluster, Role.BALANCER, "keepalived");
    var ready = steps(cluster, Role.BALANCER, "balancer-ready");

    assertInOrder(stack, etcd, patroni);
    // Before the first leader is bootstrapped, the repository is searched for backups.
    assertInOrder(stack, steps(cluster, Role.REPOSITORY, "pgbackrest"), patroni);
    for (var node : cluster.nodes(Role.POSTGRES)) {
      assertInOrder(stack, List.of(node.name() + "/pgbackrest"), List.of(node.name() + "/patroni"));
    }
    assertInOrder(stack, patroni, databases);
    assertInOrder(stack, patroni, backup);
    assertInOrder(stack, steps(cluster, Role.POSTGRES, "pgbackrest"), backup);
    assertInOrder(
        stack,
        steps(cluster, Role.REPOSITORY, "pgbackrest"),
        steps(cluster, Role.POSTGRES, "pgbackrest"));
    assertInOrder(stack, haproxy, keepalived);
    assertInOrder(stack, keepalived, ready);
    assertInOrder(stack, databases, ready);
  }

  private static List<String> steps(Cluster cluster, Role role, String thing) {
    return cluster.nodes(role).stream().map(node -> node.name() + "/" + thing).toList();
  }

  private static void assertInOrder(String stack, List<String> first, List<String> then) {
    var graph = graph(stack);
    for (var step : then) {
      assertThat(graph.before(graph.step(step))).as("before " + step).containsAll(first);
    }
  }

  /**
   * Services without dependencies on other machines start in parallel. On a database node,
   * pgBackRest depends only on the repository's.
   */
  @ParameterizedTest
  @MethodSource("stacks")
  void independentServicesWaitForNoOtherNode(String stack) {
    var graph = graph(stack);
    var repository = cluster(stack).nodes(Role.REPOSITORY).get(0).name();

    assertThat(graph.steps().stream().filter(step -> step.thing().equals("pgbackrest")))
        .isNotEmpty()
        .allSatisfy(
            step ->
                assertThat(graph.before(step))
                    .allMatch(
                        before ->
                            before.startsWith(step.machine() + "/")
                                || before.startsWith(repository + "/")
                                || preflights(stack).contains(before)));
  }

  /**
   * Before anything changes, the preflights of three etcd nodes and three database nodes succeed,
   * and a departing member hands the leadership over.
   */
  private static List<String> preflights(String stack) {
    var members = steps(cluster(stack), Role.POSTGRES, "members").get(0);
    return Stream.concat(
            Stream.of(Role.ETCD, Role.POSTGRES)
                .flatMap(role -> steps(cluster(stack), role, "scripts").stream().limit(3))
                .distinct(),
            Stream.of(members))
        .toList();
  }

  /** Members wait for a quorum, so all etcd nodes must be ready before the first one starts. */
  @ParameterizedTest
  @MethodSource("stacks")
  void etcdWaitsForEtcdNodesOnly(String stack) {
    var cluster = cluster(stack);
    var ready =
        Stream.of("system", "secrets", "firewall")
            .flatMap(thing -> steps(cluster, Role.ETCD, thing).stream())
            .toList();
    var machines = cluster.nodes(Role.ETCD).stream().map(node -> node.name() + "/").toList();

    assertInOrder(stack, ready, steps(cluster, Role.ETCD, "etcd"));
    var graph = graph(stack);
    assertThat(graph.before(graph.step(machines.get(0) + "etcd")))
        .allMatch(
            before ->
                machines.stream().anyMatch(before::startsWith)
                    || preflights(stack).contains(before));
  }

  /** While one restarts, the others must serve. */
  @ParameterizedTest
  @MethodSource("stacks")
  void poolsAndBalancersChangeOneAtATime(String stack) {
    var graph = graph(stack);

    for (var thing : List.of("pgbouncer", "haproxy", "keepalived")) {
      var steps = graph.steps().stream().filter(step -> step.thing().equals(thing)).toList();
      for (int i = 1; i < steps.size(); i++) {
        assertThat(graph.before(steps.get(i))).contains(steps.get(i - 1).name());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void everyResourceHasAParentAndAUniqueName(String stack) {
    var graph = graph(stack);

    assertThat(graph.resources()).extracting(Declared::urn).doesNotHaveDuplicates();
    assertThat(graph.resources())
        .filteredOn(resource -> !resource.type().equals("pulumi:pulumi:Stack"))
        .allSatisfy(resource -> assertThat(graph.byUrn(resource.parent())).isNotNull());
    assertThat(graph.steps())
        .allSatisfy(step -> assertThat(graph.byUrn(step.parent()).type()).startsWith("ninefold:"));
  }

  @Test
  void sameDescriptionGivesTheSameGraph() {
    var again = Graph.of(Descriptions.stack("containers"));

    assertThat(again.steps()).containsExactlyInAnyOrderElementsOf(graph("containers").steps());
  }
}
