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
 * @param standing the state of the members
 */
record SwitchoverCandidates(MemberStandings standing) {

  /** All reasons why a member cannot become the leader; empty if it can. */
  List<Refusal> refusals(String name) {
    var node = standing.node(name);
    if (node.isEmpty()) {
      return List.of(OperationRefusals.notDescribed(name, standing.cluster()));
    }
    if (standing.leads(name)) {
      return List.of(
          new Refusal(Reason.LEADS_ALREADY, name + " is already the leader", "nothing to do"));
    }
    var refusals = new ArrayList<Refusal>();
    standing.mayLead(node.get()).ifPresent(refusals::add);
    var member = standing.member(name);
    if (member.isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NOT_STREAMING,
              name + " is not a member in Patroni",
              "./ninefold status shows the reason"));
      return refusals;
    }
    Stream.of(standing.state(member.get()), standing.synchronous(member.get()))
        .flatMap(Optional::stream)
        .forEach(refusals::add);
    return refusals;
  }

  /** The candidate with the highest priority; among equals, the one with the smallest lag. */
  Optional<String> best() {
    return standing.cluster().nodes(Role.POSTGRES).stream()
        .filter(node -> refusals(node.name()).isEmpty())
        .min(
            Comparator.comparing((Node node) -> -node.tags().failoverPriority())
                .thenComparing(node -> lag(node.name())))
        .map(Node::name);
  }

  private long lag(String name) {
    return standing
        .member(name)
        .map(ClusterOverview.Member::lag)
        .map(lag -> lag.orElse(Long.MAX_VALUE))
        .orElse(Long.MAX_VALUE);
  }

  /** The reasons why no member can become the leader. */
  List<Refusal> none() {
    var refusals = new ArrayList<Refusal>();
    refusals.add(
        new Refusal(
            Reason.NO_CANDIDATE,
            "no replica can become the leader",
            "solve one of the problems below"));
    standing.cluster().nodes(Role.POSTGRES).stream()
        .filter(node -> !standing.leads(node.name()))
        .forEach(node -> refusals.addAll(refusals(node.name())));
    return refusals;
  }
}
