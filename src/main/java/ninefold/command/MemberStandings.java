package ninefold.command;

import java.util.List;
import java.util.Optional;
import ninefold.command.Refusal.Reason;
import ninefold.description.Cluster;
import ninefold.description.Durability;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.verdict.ClusterOverview;

/**
 * Where the members stand: who leads, who is a good copy, who may take over.
 *
 * @param cluster the description
 * @param picture what was seen
 */
record MemberStandings(Cluster cluster, ClusterOverview picture) {

  /** The database node of that name. */
  Optional<Node> node(String name) {
    return cluster.nodes(Role.POSTGRES).stream()
        .filter(node -> node.name().equals(name))
        .findFirst();
  }

  Optional<ClusterOverview.Member> member(String name) {
    return picture.members().stream().filter(it -> it.name().equals(name)).findFirst();
  }

  boolean leads(String name) {
    return picture.leader().filter(name::equals).isPresent();
  }

  /** The replicas that hold what the leader holds, but for a lag that is allowed. */
  List<ClusterOverview.Member> goodReplicas() {
    return picture.members().stream()
        .filter(it -> !leads(it.name()))
        .filter(it -> state(it).isEmpty())
        .toList();
  }

  /** What keeps a replica from being a good copy. */
  Optional<Refusal> state(ClusterOverview.Member member) {
    var name = member.name();
    if (!member.state().equals("streaming")) {
      return Optional.of(
          new Refusal(
              Reason.NOT_STREAMING,
              "%s does not stream from the leader; its state: %s".formatted(name, member.state()),
              "./ninefold status says what is wrong with it"));
    }
    var leader = picture.leader().flatMap(this::member);
    if (leader.isPresent() && !leader.get().timeline().equals(member.timeline())) {
      return Optional.of(
          new Refusal(
              Reason.OTHER_TIMELINE,
              name + " is on another timeline than the leader",
              "wait until it follows; if it does not: ./ninefold reinit " + name));
    }
    var most = cluster.postgresql().maximumLag().bytes();
    if (member.lag().isEmpty() || member.lag().getAsLong() > most) {
      var lag =
          member.lag().isPresent() ? member.lag().getAsLong() + " bytes" : "an unknown amount";
      return Optional.of(
          new Refusal(
              Reason.LAGS,
              "%s is %s behind; %d bytes are allowed (postgresql.maximumLag)"
                  .formatted(name, lag, most),
              "wait until it has caught up"));
    }
    return Optional.empty();
  }

  /** Whether the description lets a member lead. */
  Optional<Refusal> mayLead(Node node) {
    var tags = node.tags();
    return tags.nofailover() || tags.failoverPriority() == 0
        ? Optional.of(
            new Refusal(
                Reason.NEVER_LEADS,
                "%s never leads, says the description (tags: %s)"
                    .formatted(
                        node.name(), tags.nofailover() ? "nofailover" : "failoverPriority: 0"),
                "name another candidate, or change its tags and run pulumi up"))
        : Optional.empty();
  }

  /** Whether commits wait for a member, where the description promises that none is lost. */
  Optional<Refusal> synchronous(ClusterOverview.Member member) {
    return cluster.durability() == Durability.ASYNC || member.role().endsWith("_standby")
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                Reason.NOT_SYNCHRONOUS,
                "%s is no synchronous standby, so it may lack acknowledged writes"
                    .formatted(member.name()),
                "name the synchronous standby, or leave --to out"));
  }
}
