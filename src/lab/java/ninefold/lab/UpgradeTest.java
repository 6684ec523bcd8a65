package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Updates the packages of every service while a client writes. Each service must restart, one node
 * at a time and the leader last, and no acknowledged write may be lost. A build that does not start
 * must stop the update at the first machine. The tests depend on their order; the last one restores
 * the lab's own description.
 */
@Tag("upgrade")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class UpgradeTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);

  /** The services that an update restarts, by role. */
  private static final Map<String, List<String>> SERVICES =
      Map.of(
          "etcd", List.of("etcd"),
          "postgres", List.of("patroni", "postmaster", "pgbouncer", "pgbackrest"),
          "balancer", List.of("haproxy", "keepalived"),
          "repository", List.of("pgbackrest"));

  private static final List<String> PACKAGES =
      List.of(
          "etcd-server",
          "postgresql-17",
          "patroni",
          "pgbouncer",
          "pgbackrest",
          "haproxy",
          "keepalived");

  @BeforeEach
  void awaitHealthyCluster() {
    CLUSTER.awaitHealthy();
  }

  /**
   * HAProxy does not start on the first balancer, so the second one must keep its version. The old
   * version, pinned, must repair the first.
   */
  @Test
  @Order(1)
  void brokenBuild_stopsAtTheFirstMachine() {
    var balancers = OUTPUTS.nodes("balancer");
    var version = installedVersion(balancers.get(0), "haproxy");
    try (var update =
        new OtherVersions(file("broken-versions"), List.of("haproxy=/usr/sbin/haproxy"))) {
      FaultSuite.during(
              CLUSTER,
              OUTPUTS,
              WritingClient.LOW_RATE,
              "a build that does not start",
              client -> {
                var broken = description("broken", text -> text + update.description());
                var refused = PulumiRun.up().describedBy(broken).run().failed();
                assertThat(refused.output()).contains("could not restart haproxy");
                assertThat(balancers.stream().map(node -> installedVersion(node, "haproxy")))
                    .containsExactlyInAnyOrder(version, update.versions().get("haproxy"));
                var back = "\npackages:\n  versions: {haproxy: '%s'}\n".formatted(version);
                timed(
                    "up: the version before",
                    PulumiRun.up()
                        .describedBy(description("back", text -> text + back))
                        .run()
                        .succeeded());
              })
          .requireGapWithin(Target.UPDATE);
    }
    assertInstalled("haproxy", version);
  }

  /** Every service restarts with its new version, and the leader only after a switchover. */
  @Test
  @Order(2)
  void update_restartsEveryService_leaderLast() {
    var leader = CLUSTER.leader();
    try (var update = new OtherVersions(file("other-versions"), PACKAGES)) {
      var restarted =
          applyWhileWriting(
              "an update", description("update", text -> text + update.description()));

      assertThat(restarted).isEqualTo(everyService());
      update.versions().forEach(UpgradeTest::assertInstalled);
    }
    assertThat(CLUSTER.leader()).as("after the switchover").isNotEqualTo(leader);
    assertThat(CLUSTER.startedLast()).isEqualTo(leader);
    for (var service : List.of("etcd", "pgbouncer", "haproxy", "keepalived")) {
      assertOneAfterTheOther(service);
    }
  }

  /** Without a pinned version, the installed packages must not change. */
  @Test
  @Order(3)
  void unpinnedVersions_stayInstalled() {
    applyWhileWriting("held no more", DESCRIPTION_FILE);

    assertThat(installedVersion("etcd1", "etcd-server")).endsWith("+lab1");
    assertThat(PulumiRun.up().run().succeeded().resources("updated")).isZero();
  }

  /** Applies a change while a client writes, and returns the services that it restarted. */
  private static Set<String> applyWhileWriting(String what, Path changed) {
    var before = Footprint.of(LAB, NODES);
    var after = new AtomicReference<Footprint>();
    applyWhileWriting(CLUSTER, OUTPUTS, what, changed, after).requireGapWithin(Target.UPDATE);
    var restarted = before.restarted(after.get());
    restarted.removeIf(unit -> unit.endsWith(".timer"));
    return restarted;
  }

  private static Set<String> everyService() {
    var all = new TreeSet<String>();
    SERVICES.forEach(
        (role, services) ->
            OUTPUTS
                .nodes(role)
                .forEach(node -> services.forEach(service -> all.add(node + " " + service))));
    return all;
  }

  private static String installedVersion(String node, String name) {
    return LAB.ssh(node, "dpkg-query -W -f '${Version}' " + name + " 2>/dev/null || true");
  }

  private static void assertInstalled(String name, String version) {
    var found =
        NODES.stream()
            .map(node -> installedVersion(node, name))
            .filter(installed -> !installed.isEmpty())
            .toList();
    assertThat(found).as(name).isNotEmpty().containsOnly(version);
  }

  /** Requires that each machine stopped the service only after the previous one had started it. */
  private static void assertOneAfterTheOther(String service) {
    var changes =
        Stream.of("etcd", "postgres", "balancer")
            .filter(role -> SERVICES.get(role).contains(service))
            .flatMap(role -> OUTPUTS.nodes(role).stream())
            .map(node -> Restart.of(LAB, node, service))
            .sorted(Comparator.comparing(Restart::stopped))
            .toList();
    for (int i = 1; i < changes.size(); i++) {
      assertThat(changes.get(i).stopped())
          .as("one at a time: " + changes)
          .isGreaterThan(changes.get(i - 1).started());
    }
  }
}
