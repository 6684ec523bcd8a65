package ninefold.verdict;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.description.Node;
import ninefold.description.Role;

/** Checks that etcd has a quorum, the described members, no alarm, and free space. */
final class EtcdChecks {
  private static final String PAGE = "docs/operations/etcd.md";
  private static final int PERCENT = 100;

  private final ClusterFacts clusterFacts;
  private final Findings findings;
  private final Map<String, EtcdFacts> answering = new LinkedHashMap<>();

  private EtcdChecks(ClusterFacts clusterFacts, Findings findings) {
    this.clusterFacts = clusterFacts;
    this.findings = findings;
    clusterFacts
        .answeringNodes(Role.ETCD)
        .forEach(
            node -> clusterFacts.of(node, Facts::etcd).ifPresent(it -> answering.put(node, it)));
  }

  static void run(ClusterFacts clusterFacts, Findings findings) {
    EtcdChecks checks = new EtcdChecks(clusterFacts, findings);
    Optional<String> leader = checks.leader();
    if (leader.isEmpty()) {
      checks.quorum();
    } else {
      checks.differingLeaders(leader.get());
      checks.members();
    }
    checks.alarms();
    checks.size();
  }

  /** The ID of the leader that most members report. */
  private Optional<String> leader() {
    return answering.values().stream()
        .flatMap(etcd -> etcd.knownLeader().stream())
        .collect(groupingBy(identity(), counting()))
        .entrySet()
        .stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }

  private void quorum() {
    // If no etcd machine answers, NODE_SILENT reports each of them.
    if (clusterFacts.answeringNodes(Role.ETCD).findAny().isEmpty()) {
      return;
    }
    int members = clusterFacts.cluster().nodes(Role.ETCD).size();
    findings.add(
        Check.ETCD_QUORUM,
        "etcd has no leader, so Patroni cannot elect one: %d of %d members answer, %d are needed."
            .formatted(answering.size(), members, members / 2 + 1),
        PAGE + ", A majority lost its data; or All members are down");
  }

  private void differingLeaders(String leader) {
    answering.forEach(
        (node, etcd) -> {
          Optional<String> known = etcd.knownLeader();
          if (!known.equals(Optional.of(leader))) {
            findings.add(
                Check.ETCD_MEMBER_APART,
                node,
                "The etcd member on %s reports %s."
                    .formatted(
                        node,
                        known
                            .map(id -> "a different leader than the others: " + id)
                            .orElse("no leader, although there is one")),
                "look at journalctl -u etcd on "
                    + node
                    + ", and check the network between the members");
          }
        });
  }

  /** The member list of a member that knows a leader. */
  private Optional<List<EtcdFacts.Member>> memberList() {
    return answering.values().stream()
        .filter(etcd -> etcd.knownLeader().isPresent())
        .flatMap(etcd -> etcd.members().known().stream())
        .findFirst();
  }

  private void members() {
    List<EtcdFacts.Member> members = memberList().orElse(List.of());
    if (members.isEmpty()) {
      return;
    }
    Map<String, EtcdFacts.Member> known = new LinkedHashMap<>();
    for (EtcdFacts.Member member : members) {
      Optional<Node> node = nodeOf(member);
      if (node.isPresent()) {
        known.put(node.get().name(), member);
        member(node.get(), member);
      } else {
        String name = member.name().isEmpty() ? "with ID " + member.id() : member.name();
        findings.add(
            Check.ETCD_MEMBER_UNKNOWN,
            "etcd has a member %s at %s that is not in the description."
                .formatted(name, FindingText.list(member.peers())),
            "etcdctl member remove " + member.id() + "; " + PAGE);
      }
    }
    clusterFacts
        .answeringNodes(Role.ETCD)
        .filter(name -> !known.containsKey(name))
        .forEach(
            name ->
                findings.add(
                    Check.ETCD_MEMBER_MISSING,
                    name,
                    name
                        + " is an etcd node in the description, but etcd has no member of that name.",
                    PAGE + ", One of three members is lost"));
  }

  /**
   * Finds the member's node. A member that has not started has no name, so its peer URL decides.
   */
  private Optional<Node> nodeOf(EtcdFacts.Member member) {
    return clusterFacts.cluster().nodes(Role.ETCD).stream()
        .filter(
            node ->
                member.name().isEmpty()
                    ? member.peers().contains(peer(node))
                    : member.name().equals(node.name()))
        .findFirst();
  }

  private void member(Node node, EtcdFacts.Member member) {
    if (member.learner()) {
      findings.add(
          Check.ETCD_MEMBER_LEARNS,
          node.name(),
          "The etcd member on " + node.name() + " is a learner, so it has no vote yet.",
          "look at journalctl -u etcd on " + node.name() + "; pulumi up promotes it");
    }
    List<String> problems = new ArrayList<>();
    if (!member.peers().equals(List.of(peer(node)))) {
      problems.add(
          "its peer URL is " + FindingText.list(member.peers()) + " instead of " + peer(node));
    }
    String client = "https://" + node.address() + ":" + clusterFacts.cluster().etcd().clientPort();
    // A member that has not started yet has no client URL.
    if (!member.name().isEmpty() && !member.clients().contains(client)) {
      problems.add(
          "its client URL is " + FindingText.list(member.clients()) + " instead of " + client);
    }
    findings.addAll(Check.ETCD_MEMBER_ADDRESS, node.name(), problems, PAGE);
  }

  private String peer(Node node) {
    return "https://" + node.address() + ":" + clusterFacts.cluster().etcd().peerPort();
  }

  private void alarms() {
    List<EtcdFacts.Alarm> alarms =
        answering.values().stream()
            .flatMap(etcd -> etcd.alarms().known().stream())
            .flatMap(List::stream)
            .distinct()
            .toList();
    for (EtcdFacts.Alarm alarm : alarms) {
      String next = PAGE + ", It is slow, or full";
      String what = "etcd raised the alarm " + alarm.alarm() + "%s.";
      answering.entrySet().stream()
          .filter(entry -> entry.getValue().id().equals(alarm.member()))
          .findFirst()
          .ifPresentOrElse(
              entry ->
                  findings.add(
                      Check.ETCD_ALARM,
                      entry.getKey(),
                      what.formatted(" for " + entry.getKey()),
                      next),
              () ->
                  findings.add(
                      Check.ETCD_ALARM, what.formatted(" for member " + alarm.member()), next));
    }
  }

  private void size() {
    int limit = clusterFacts.cluster().health().etcdSize();
    answering.forEach(
        (node, etcd) -> {
          if (etcd.quota() <= 0) {
            findings.add(
                Check.FACT_MISSING,
                node,
                "The quota of etcd on " + node + " is not known.",
                "sudo /usr/local/lib/ninefold/facts on " + node);
          } else if (etcd.databaseSize() * PERCENT > etcd.quota() * limit) {
            findings.add(
                Check.ETCD_SIZE,
                node,
                ("The data of etcd on %s takes %s, %s %% of the quota; the limit is %d %%, and etcd"
                        + " refuses writes at the quota.")
                    .formatted(
                        node,
                        FindingText.bytes(etcd.databaseSize()),
                        FindingText.decimal((double) etcd.databaseSize() * PERCENT / etcd.quota()),
                        limit),
                PAGE + ", It is slow, or full");
          }
        });
  }
}
