package ninefold.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;

/** Checks that the balancers send clients to the servers that the description and Patroni name. */
final class BalancerChecks {
  private static final String LEADER = "leader";
  private static final String REPLICAS = "replicas";
  private static final int PERCENT = 100;

  private final ClusterFacts clusterFacts;
  private final Cluster cluster;
  private final Findings findings;

  private BalancerChecks(ClusterFacts clusterFacts, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.cluster = clusterFacts.cluster();
    this.findings = findings;
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    BalancerChecks checks = new BalancerChecks(clusterFacts, findings);
    clusterFacts
        .answeringNodes(Role.BALANCER)
        .forEach(
            node ->
                clusterFacts.of(node, Facts::haproxy).ifPresent(it -> checks.balancer(node, it)));
  }

  private void balancer(String balancer, HaproxyFacts haproxy) {
    haproxy
        .servers()
        .known()
        .ifPresent(
            servers -> {
              List<String> states = new ArrayList<>();
              List<String> differing = new ArrayList<>();
              backend(LEADER, servers, differing, states);
              backend(REPLICAS, servers, differing, states);
              findings.addAll(
                  Check.SERVER_DIFFERS,
                  balancer,
                  differing,
                  "sudo systemctl reload haproxy on "
                      + balancer
                      + "; if its file has changed: docs/operations/changing-a-setting.md, Drift");
              findings.addAll(
                  Check.SERVER_STATE,
                  balancer,
                  states,
                  "look at the result of the health check on the statistics page of " + balancer);
            });
    haproxy.frontends().known().ifPresent(frontends -> frontends(balancer, frontends));
    connections(balancer, haproxy);
  }

  private void backend(
      String backend, List<HaproxyFacts.Server> all, List<String> differing, List<String> states) {
    Map<String, HaproxyFacts.Server> servers = new TreeMap<>();
    all.stream()
        .filter(server -> server.backend().equals(backend))
        .forEach(server -> servers.put(server.name(), server));
    for (Node node : cluster.nodes(Role.POSTGRES)) {
      HaproxyFacts.Server server = servers.remove(node.name());
      if (server == null) {
        differing.add("backend %s does not have %s".formatted(backend, node.name()));
        continue;
      }
      if (!server.address().equals(node.address()) || server.port() != cluster.pooling().port()) {
        differing.add(
            "backend %s has %s at %s:%d instead of %s:%d"
                .formatted(
                    backend,
                    node.name(),
                    server.address(),
                    server.port(),
                    node.address(),
                    cluster.pooling().port()));
      } else {
        state(backend, node, server).ifPresent(states::add);
      }
    }
    servers
        .keySet()
        .forEach(
            name ->
                differing.add(
                    "backend %s has %s, which is not in the description".formatted(backend, name)));
  }

  /** The problem with a server's state, unless an earlier finding explains it. */
  private Optional<String> state(String backend, Node node, HaproxyFacts.Server server) {
    if (clusterFacts.leader().isEmpty() || explained(node.name())) {
      return Optional.empty();
    }
    boolean leads = clusterFacts.leads(node.name());
    boolean wanted = backend.equals(LEADER) ? leads : !leads && !node.tags().noloadbalance();
    return wanted == server.up()
        ? Optional.empty()
        : Optional.of(
            "backend %s has %s %s instead of %s%s"
                .formatted(
                    backend,
                    node.name(),
                    server.status(),
                    wanted ? "UP" : "DOWN",
                    server.check().map(check -> " (" + check + ")").orElse("")));
  }

  /** Whether an earlier finding explains the server's state. */
  private boolean explained(String node) {
    return clusterFacts.silent(node)
        || findings.found(Check.SEVERAL_LEADERS)
        || findings.found(
            node,
            Check.NO_LEADER,
            Check.PATRONI_SILENT,
            Check.POSTGRESQL_SILENT,
            Check.POOL_SILENT,
            Check.LEADER_POOL_SILENT,
            Check.MEMBER_MISSING,
            Check.MEMBER_STATE);
  }

  private void frontends(String balancer, List<HaproxyFacts.Frontend> frontends) {
    List<String> problems = new ArrayList<>();
    List<Integer> ports =
        List.of(cluster.balancing().readWritePort(), cluster.balancing().readOnlyPort());
    for (int port : ports) {
      if (frontends.stream().noneMatch(it -> it.port() == port)) {
        problems.add("HAProxy reports nothing about port " + port);
      }
    }
    frontends.stream()
        .filter(it -> !it.accepts())
        .forEach(it -> problems.add("port " + it.port() + " does not accept connections"));
    findings.addAll(
        Check.FRONTEND_CLOSED,
        balancer,
        problems,
        "sudo systemctl status haproxy; sudo ss -ltnp, on " + balancer);
  }

  private void connections(String balancer, HaproxyFacts haproxy) {
    int described = cluster.balancing().maxConnections();
    if (haproxy.limit() != described) {
      findings.add(
          Check.BALANCER_LIMIT,
          balancer,
          "%s accepts %d connections instead of %d."
              .formatted(balancer, haproxy.limit(), described),
          "sudo systemctl restart haproxy on " + balancer);
    }
    int limit = cluster.health().balancerSessions();
    if (haproxy.sessions() * (long) PERCENT > haproxy.limit() * (long) limit) {
      findings.add(
          Check.BALANCER_FULL,
          balancer,
          "%s has %d of %d connections open; the limit is %d %%."
              .formatted(balancer, haproxy.sessions(), haproxy.limit(), limit),
          "raise balancing.maxConnections, or look for clients that leave connections open");
    }
  }
}
