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

/** Whether etcd has a quorum, the described members, no alarm, and room. */
final class EtcdChecks {
  private static final String PAGE = "docs/operations/etcd.md";
  private static final int PERCENT = 100;

  private final ClusterFacts situation;
  private final Findings findings;
  private final Map<String, EtcdFacts> told = new LinkedHashMap<>();

  private EtcdChecks(ClusterFacts situation, Findings findings) {
    this.situation = situation;
    this.findings = findings;
    situation
        .toldNodes(Role.ETCD)
        .forEach(node -> situation.of(node, Facts::etcd).ifPresent(it -> told.put(node, it)));
  }

  static void run(ClusterFacts situation, Findings findings) {
    EtcdChecks checks = new EtcdChecks(situation, findings);
    Optional<String> leader = checks.leader();
    if (leader.isEmpty()) {
      checks.quorum();
    } else {
      checks.apart(leader.get());
      checks.members();
    }
    checks.alarms();
    checks.size();
  }

  /** The leader that most members name. */
  private Optional<String> leader() {
    return told.values().stream()
        .flatMap(etcd -> etcd.knownLeader().stream())
        .collect(groupingBy(identity(), counting()))
        .entrySet()
        .stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }

  private void quorum() {
    // NODE_SILENT reports each machine that is silent.
    if (situation.toldNodes(Role.ETCD).findAny().isEmpty()) {
      return;
    }
    int members = situation.cluster().nodes(Role.ETCD).size();
    findings.add(
        Check.ETCD_QUORUM,
        "etcd has no leader: %d of %d members answer, and %d are needed."
            .formatted(told.size(), members, members / 2 + 1),
        PAGE + ", A majority lost its data; or All members are down");
  }

  private void apart(String leader) {
    told.forEach(
        (node, etcd) -> {
          Optional<String> known = etcd.knownLeader();
          if (!known.equals(Optional.of(leader))) {
            findings.add(
                Check.ETCD_MEMBER_APART,
                node,
                "The member on %s knows %s."
                    .formatted(
                        node,
                        known
                            .map(id -> "another leader than the others, " + id)
                            .orElse("no leader, though there is one")),
                "look at journalctl -u etcd on " + node + ", and at the network between members");
          }
        });
  }

  /** The members as one sees them that knows a leader. */
  private Optional<List<EtcdFacts.Member>> seen() {
    return told.values().stream()
        .filter(etcd -> etcd.knownLeader().isPresent())
        .flatMap(etcd -> etcd.members().known().stream())
        .findFirst();
  }

  private void members() {
    List<EtcdFacts.Member> members = seen().orElse(List.of());
    if (members.isEmpty()) {
      return;
    }
    Map<String, EtcdFacts.Member> known = new LinkedHashMap<>();
    for (EtcdFacts.Member member : members) {
      Optional<Node> node = describedAs(member);
      if (node.isPresent()) {
        known.put(node.get().name(), member);
        member(node.get(), member);
      } else {
        String name = member.name().isEmpty() ? "with number " + member.id() : member.name();
        findings.add(
            Check.ETCD_MEMBER_UNKNOWN,
            "etcd has a member %s at %s, and the description has none."
                .formatted(name, FindingText.list(member.peers())),
            "etcdctl member remove " + member.id() + "; " + PAGE);
      }
    }
    situation
        .toldNodes(Role.ETCD)
        .filter(name -> !known.containsKey(name))
        .forEach(
            name ->
                findings.add(
                    Check.ETCD_MEMBER_MISSING,
                    name,
                    name + " is described as a member of etcd, and etcd has no such member.",
                    PAGE + ", One of three members is lost"));
  }

  /** A member that has not started has no name yet; where it is reached says which one it is. */
  private Optional<Node> describedAs(EtcdFacts.Member member) {
    return situation.cluster().nodes(Role.ETCD).stream()
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
          "The member on " + node.name() + " has no vote yet: it is a learner.",
          "look at journalctl -u etcd on " + node.name() + "; pulumi up gives it a vote");
    }
    List<String> problems = new ArrayList<>();
    if (!member.peers().equals(List.of(peer(node)))) {
      problems.add(
          "members reach it at " + FindingText.list(member.peers()) + ", not " + peer(node));
    }
    String client = "https://" + node.address() + ":" + situation.cluster().etcd().clientPort();
    // One that has not started yet names no address for clients.
    if (!member.name().isEmpty() && !member.clients().contains(client)) {
      problems.add("clients reach it at " + FindingText.list(member.clients()) + ", not " + client);
    }
    findings.addAll(Check.ETCD_MEMBER_ADDRESS, node.name(), problems, PAGE);
  }

  private String peer(Node node) {
    return "https://" + node.address() + ":" + situation.cluster().etcd().peerPort();
  }

  private void alarms() {
    List<EtcdFacts.Alarm> alarms =
        told.values().stream()
            .flatMap(etcd -> etcd.alarms().known().stream())
            .flatMap(List::stream)
            .distinct()
            .toList();
    for (EtcdFacts.Alarm alarm : alarms) {
      String next = PAGE + ", It is slow, or full";
      String what = "etcd raised the alarm " + alarm.alarm() + "%s.";
      told.entrySet().stream()
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
    int limit = situation.cluster().health().etcdSize();
    told.forEach(
        (node, etcd) -> {
          if (etcd.quota() <= 0) {
            findings.add(
                Check.FACT_MISSING,
                node,
                "etcd's quota on " + node + " is not known.",
                "sudo /usr/local/lib/ninefold/facts on " + node);
          } else if (etcd.databaseSize() * PERCENT > etcd.quota() * limit) {
            findings.add(
                Check.ETCD_SIZE,
                node,
                "etcd's data on %s take %s, %s %% of the quota; the limit is %d %%."
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
