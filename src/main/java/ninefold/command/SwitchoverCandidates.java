package ninefold.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import ninefold.command.Refusal.Reason;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.verdict.ClusterOverview;

/**
 * The members that may become the leader.
 *
 * @param standings the state of the members
 */
record SwitchoverCandidates(MemberStandings standings) {

  /** All reasons why a member cannot become the leader; empty if it can. */
  List<Refusal> refusals(String name) {
    var node = standings.node(name);
    if (node.isEmpty()) {
      return List.of(OperationRefusals.notDescribed(name, standings.cluster()));
    }
    if (standings.leads(name)) {
      return List.of(
          new Refusal(Reason.LEADS_ALREADY, name + " is already the leader", "nothing to do"));
    }
    var refusals = new ArrayList<Refusal>();
    standings.leadershipProblem(node.get()).ifPresent(refusals::add);
    var member = standings.member(name);
    if (member.isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NOT_STREAMING,
              name + " is not a member in Patroni",
              "./ninefold status shows the reason"));
      return refusals;
    }
    Stream.of(standings.problem(member.get()), standings.synchronyProblem(member.get()))
        .flatMap(Optional::stream)
        .forEach(refusals::add);
    return refusals;
  }

  /** The candidate with the highest priority; among equals, the one with the smallest lag. */
  Optional<String> best() {
    return standings.cluster().nodes(Role.POSTGRES).stream()
        .filter(node -> refusals(node.name()).isEmpty())
        .min(
            Comparator.comparing((Node node) -> -node.tags().failoverPriority())
                .thenComparing(node -> lag(node.name())))
        .map(Node::name);
  }

  private long lag(String name) {
    return standings
        .member(name)
        .map(ClusterOverview.Member::lag)
        .map(lag -> lag.orElse(Long.MAX_VALUE))
        .orElse(Long.MAX_VALUE);
  }

  /** The reasons why no member can become the leader. */
  List<Refusal> noCandidate() {
    var refusals = new ArrayList<Refusal>();
    refusals.add(
        new Refusal(
            Reason.NO_CANDIDATE,
            "no replica can become the leader",
            "solve one of the problems below"));
    standings.cluster().nodes(Role.POSTGRES).stream()
        .filter(node -> !standings.leads(node.name()))
        .forEach(node -> refusals.addAll(refusals(node.name())));
    return refusals;
  }
}
