package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import ninefold.Graph.Declared;
import ninefold.description.Role;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** For random descriptions, each node gets the steps of its roles and no others. */
class RandomDescriptionsTest {
  private static final Map<Role, Set<String>> STEPS =
      Map.of(
          Role.ETCD, Set.of("etcd"),
          Role.POSTGRES, Set.of("patroni", "databases", "pgbouncer", "pgbackrest"),
          Role.BALANCER, Set.of("haproxy", "keepalived", "balancer-ready"),
          Role.REPOSITORY, Set.of("pgbackrest", "stanza"));

  @TempDir private Path folder;

  /** Each seed is one description, so a failure is reproducible. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void eachNodeHasTheStepsOfItsRoles(long seed) throws Exception {
    var nodes = nodes(new Random(seed));
    var file = Files.writeString(folder.resolve("cluster.yaml"), description(nodes, seed));

    var graph = Graph.of(file);

    assertThat(graph.exceptions()).isEmpty();
    assertThat(steps(graph)).isEqualTo(expected(nodes));
    assertThat(graph.resources()).extracting(Declared::urn).doesNotHaveDuplicates();
    assertThat(graph.steps())
        .allSatisfy(step -> assertThat(graph.before(step)).doesNotContain(step.name()));
  }

  private static Map<String, Set<String>> steps(Graph graph) {
    return graph.steps().stream()
        .collect(
            Collectors.groupingBy(
                Declared::machine,
                TreeMap::new,
                Collectors.mapping(Declared::thing, Collectors.toCollection(TreeSet::new))));
  }

  private static Map<String, Set<String>> expected(List<Set<Role>> nodes) {
    var expected = new TreeMap<String, Set<String>>();
    for (int i = 0; i < nodes.size(); i++) {
      var steps = new TreeSet<>(Set.of("scripts", "packages", "system", "secrets", "firewall"));
      nodes.get(i).forEach(role -> steps.addAll(STEPS.get(role)));
      expected.put(name(i), steps);
    }
    // Patroni's dynamic configuration and its leadership belong to the cluster, so only the first
    // database node has steps for them.
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).contains(Role.POSTGRES)) {
        expected.get(name(i)).addAll(Set.of("configuration", "members"));
        break;
      }
    }
    return expected;
  }

  /** Returns the roles of 4 to 31 nodes: an odd number of etcd nodes, a repository, and others. */
  private static List<Set<Role>> nodes(Random random) {
    var nodes = new ArrayList<Set<Role>>();
    var count = random.nextInt(3, 31);
    for (int i = 0; i < count; i++) {
      nodes.add(EnumSet.noneOf(Role.class));
    }
    assign(nodes, Role.ETCD, count >= 5 && random.nextBoolean() ? 5 : 3, random);
    assign(nodes, Role.POSTGRES, random.nextInt(2, Math.min(count, 8) + 1), random);
    assign(nodes, Role.BALANCER, random.nextInt(1, Math.min(count, 5) + 1), random);
    nodes.add(EnumSet.of(Role.REPOSITORY));
    nodes.stream()
        .filter(Set::isEmpty)
        .forEach(roles -> roles.add(random.nextBoolean() ? Role.POSTGRES : Role.BALANCER));
    return nodes;
  }

  private static void assign(List<Set<Role>> nodes, Role role, int times, Random random) {
    random.ints(0, nodes.size()).distinct().limit(times).forEach(i -> nodes.get(i).add(role));
  }

  private static String description(List<Set<Role>> nodes, long seed) {
    var random = new Random(seed);
    var wipe = random.nextBoolean();
    var text =
        new StringBuilder(
            """
            name: seed-%d
            network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.200}
            durability: %s
            failover: %s
            time: {manage: %s}
            access: {user: %s}
            databases: [{name: app, owner: app}]
            machines: {kind: given, wipe: %s}
            drop: {backups: %s}
            nodes:
            """
                .formatted(
                    seed,
                    pick(random, "async", "sync", "strict"),
                    pick(random, "fast", "normal", "wide"),
                    random.nextBoolean(),
                    pick(random, "root", "admin"),
                    wipe,
                    wipe ? "[seed-%d/%s]".formatted(seed, name(nodes.size() - 1)) : "[]"));
    for (int i = 0; i < nodes.size(); i++) {
      var roles = nodes.get(i).stream().map(Role::word).collect(Collectors.joining(", "));
      text.append(
          "  - {name: %s, address: 10.0.0.%d, roles: [%s], memory: %s}%n"
              .formatted(name(i), i + 1, roles, pick(random, "512MiB", "4GiB", "64GiB")));
    }
    return text.toString();
  }

  private static String pick(Random random, String... words) {
    return words[random.nextInt(words.length)];
  }

  private static String name(int i) {
    return "node%02d".formatted(i + 1);
  }
}
