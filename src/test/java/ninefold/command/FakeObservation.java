package ninefold.command;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.verdict.Answer;
import ninefold.verdict.Check;
import ninefold.verdict.ClusterOverview;
import ninefold.verdict.ClusterState;
import ninefold.verdict.Facts;
import ninefold.verdict.Finding;
import ninefold.verdict.UnreadableFactsException;
import ninefold.verdict.Verdict;

/**
 * An observation of three machines that share all roles, and a fourth for the backups. Initially
 * the cluster is healthy: a is the leader, b the synchronous replica, and c streams. Tests change
 * what they need.
 */
final class FakeObservation {
  static final Instant NOW = Instant.parse("2026-11-30T06:00:00Z");

  private Cluster cluster;
  private Optional<String> leader = Optional.of("a");
  private boolean paused;
  private final Map<String, ClusterOverview.Member> members = new LinkedHashMap<>();
  private final Set<String> silent = new LinkedHashSet<>();
  private final Set<String> etcdSilent = new LinkedHashSet<>();
  private String lock = "";
  private Optional<Boolean> backupRuns = Optional.of(false);
  private final List<Finding> findings = new ArrayList<>();
  private ClusterState state = ClusterState.HEALTHY;
  private final Map<String, String> more = new LinkedHashMap<>();

  private FakeObservation(Cluster cluster) {
    this.cluster = cluster;
    member("a", "leader", "running", 3, OptionalLong.empty());
    member("b", "sync_standby", "streaming", 3, OptionalLong.of(0));
    member("c", "replica", "streaming", 3, OptionalLong.of(1000));
  }

  static FakeObservation healthy() {
    return described("");
  }

  /** A healthy cluster with more keys at the end of its description. */
  static FakeObservation described(String more) {
    return new FakeObservation(Descriptions.three("512MiB", more));
  }

  FakeObservation described(Cluster other) {
    cluster = other;
    return this;
  }

  FakeObservation member(String name, String role, String state, long timeline, OptionalLong lag) {
    var sync = role.equals("leader") ? Optional.<String>empty() : Optional.of(sync(role));
    members.put(
        name,
        new ClusterOverview.Member(name, role, state, OptionalLong.of(timeline), lag, sync, false));
    return this;
  }

  private static String sync(String role) {
    return role.equals("replica") ? "async" : "sync";
  }

  FakeObservation without(String member) {
    members.remove(member);
    return this;
  }

  FakeObservation leader(String... noneOrOne) {
    leader = List.of(noneOrOne).stream().findFirst();
    return this;
  }

  FakeObservation paused() {
    paused = true;
    return this;
  }

  FakeObservation silent(String... nodes) {
    silent.addAll(List.of(nodes));
    return this;
  }

  FakeObservation etcdSilent(String... nodes) {
    etcdSilent.addAll(List.of(nodes));
    return this;
  }

  FakeObservation locked(String key) {
    lock = key;
    return this;
  }

  FakeObservation backupRuns(Optional<Boolean> runs) {
    backupRuns = runs;
    return this;
  }

  FakeObservation finding(
      ClusterState worst, Check check, Optional<String> node, String what, String next) {
    state = worst;
    findings.add(new Finding(check, node, what, next));
    return this;
  }

  /** Adds JSON to a machine's facts: {@code ,"key": value}. */
  FakeObservation facts(String node, String json) {
    more.put(node, json);
    return this;
  }

  Observation observe() {
    var answers = new LinkedHashMap<String, Answer>();
    cluster.nodes().forEach(node -> answers.put(node.name(), answer(node)));
    return new Observation(cluster, answers, new Verdict(state, findings, overview()));
  }

  private Answer answer(Node node) {
    if (silent.contains(node.name())) {
      return new Answer.Silent("node " + node.name() + " (10.0.0.1:22): timeout");
    }
    try {
      return new Answer.Received(Facts.parse(json(node)), NOW, NOW);
    } catch (UnreadableFactsException e) {
      throw new AssertionError(e);
    }
  }

  private String json(Node node) {
    var patroni =
        node.is(Role.POSTGRES)
            ? ", \"patroni\": {\"own\": {\"state\": \"running\", \"role\": \"primary\"}}"
            : "";
    var locks =
        etcdSilent.contains(node.name())
            ? "{\"error\": \"no quorum\"}"
            : lock.isEmpty() ? "[]" : "[{\"key\": \"" + lock + "\"}]";
    var etcd =
        node.is(Role.ETCD)
            ? ", \"etcd\": {\"id\": \"1\", \"databaseSize\": 1, \"quota\": 2, \"locks\": "
                + locks
                + "}"
            : "";
    return "{\"node\": \"%s\", \"cluster\": \"trio\", \"time\": %d%s%s%s}"
        .formatted(
            node.name(),
            NOW.getEpochSecond(),
            patroni,
            etcd,
            more.getOrDefault(node.name(), ", \"conformity\": {\"files\": []}"));
  }

  private ClusterOverview overview() {
    return new ClusterOverview(
        leader,
        paused,
        Optional.empty(),
        List.copyOf(members.values()),
        List.of("a"),
        Optional.of(Duration.ofMillis(12)),
        Optional.of(Duration.ofMillis(4)),
        Optional.of("b"),
        balancers(),
        pools(),
        etcd(),
        backupRuns.map(FakeObservation::backups),
        List.of(new ClusterOverview.Certificate("a", "patroni", 360)));
  }

  private List<ClusterOverview.Balancer> balancers() {
    var servers =
        List.of(
            new ClusterOverview.Server("leader", "a", true, 3),
            new ClusterOverview.Server("leader", "b", false, 0),
            new ClusterOverview.Server("replicas", "b", true, 0),
            new ClusterOverview.Server("replicas", "c", true, 0));
    return List.of(
        new ClusterOverview.Balancer("a", true, true, servers, 3, 1000),
        new ClusterOverview.Balancer("b", !silent.contains("b"), false, servers, 0, 1000));
  }

  private List<ClusterOverview.Pool> pools() {
    return cluster.nodes(Role.POSTGRES).stream()
        .map(
            node ->
                new ClusterOverview.Pool(
                    node.name(), !silent.contains(node.name()), 0, Duration.ZERO))
        .toList();
  }

  private List<ClusterOverview.EtcdMember> etcd() {
    return cluster.nodes(Role.ETCD).stream()
        .map(
            node ->
                silent.contains(node.name())
                    ? new ClusterOverview.EtcdMember(
                        node.name(), false, false, OptionalLong.empty(), OptionalInt.empty())
                    : new ClusterOverview.EtcdMember(
                        node.name(),
                        true,
                        node.name().equals("a"),
                        OptionalLong.of(20480),
                        OptionalInt.of(1)))
        .toList();
  }

  private static ClusterOverview.Backups backups(boolean running) {
    var full =
        new ClusterOverview.Backup(
            "20261130-030000F",
            "full",
            NOW.minus(Duration.ofHours(3)),
            Duration.ofHours(3),
            31_457_280,
            false);
    return new ClusterOverview.Backups(
        1,
        Optional.of(full),
        Optional.of(full),
        Optional.of(
            new ClusterOverview.Window(full.ended(), Optional.of(NOW), "000000030000000000000009")),
        List.of(),
        running,
        OptionalLong.of(0));
  }

  /** The texts of refusals. */
  static String text(List<Refusal> refusals) {
    return refusals.stream().map(Refusal::what).collect(joining("; "));
  }
}
