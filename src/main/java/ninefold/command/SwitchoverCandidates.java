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
 * Who may lead next.
 *
 * @param standing where the members stand
 */
record SwitchoverCandidates(MemberStandings standing) {

  /** All that keeps a member from leading next. */
  List<Refusal> refusals(String name) {
    var node = standing.node(name);
    if (node.isEmpty()) {
      return List.of(OperationRefusals.notDescribed(name, standing.cluster()));
    }
    if (standing.leads(name)) {
      return List.of(
          new Refusal(Reason.LEADS_ALREADY, name + " leads already", "there is nothing to do"));
    }
    var refusals = new ArrayList<Refusal>();
    standing.mayLead(node.get()).ifPresent(refusals::add);
    var member = standing.member(name);
    if (member.isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NOT_STREAMING,
              "Patroni knows no member " + name,
              "./ninefold status says what is wrong with it"));
      return refusals;
    }
    Stream.of(standing.state(member.get()), standing.synchronous(member.get()))
        .flatMap(Optional::stream)
        .forEach(refusals::add);
    return refusals;
  }

  /** The one with the highest priority; among those the one with the least lag. */
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

  /** Why each of the others is none. */
  List<Refusal> none() {
    var refusals = new ArrayList<Refusal>();
    refusals.add(
        new Refusal(
            Reason.NO_CANDIDATE,
            "nobody may take over",
            "put right what keeps the replicas from it, named below"));
    standing.cluster().nodes(Role.POSTGRES).stream()
        .filter(node -> !standing.leads(node.name()))
        .forEach(node -> refusals.addAll(refusals(node.name())));
    return refusals;
  }
}
