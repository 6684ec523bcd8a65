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
 * Which member is the leader, which replicas are good copies, and which of them may take over.
 *
 * @param cluster the description
 * @param overview the observed state of the cluster
 */
record MemberStandings(Cluster cluster, ClusterOverview overview) {

  /** The database node of that name in the description. */
  Optional<Node> node(String name) {
    return cluster.nodes(Role.POSTGRES).stream()
        .filter(node -> node.name().equals(name))
        .findFirst();
  }

  Optional<ClusterOverview.Member> member(String name) {
    return overview.members().stream().filter(it -> it.name().equals(name)).findFirst();
  }

  boolean leads(String name) {
    return overview.leader().filter(name::equals).isPresent();
  }

  /** The replicas that stream on the leader's timeline with an allowed lag. */
  List<ClusterOverview.Member> goodReplicas() {
    return overview.members().stream()
        .filter(it -> !leads(it.name()))
        .filter(it -> problem(it).isEmpty())
        .toList();
  }

  /** The reason why a replica is not a good copy; empty if it is one. */
  Optional<Refusal> problem(ClusterOverview.Member member) {
    var name = member.name();
    if (!member.state().equals("streaming")) {
      return Optional.of(
          new Refusal(
              Reason.NOT_STREAMING,
              "%s does not stream from the leader; its state is '%s'"
                  .formatted(name, member.state()),
              "./ninefold status shows the reason"));
    }
    var leader = overview.leader().flatMap(this::member);
    if (leader.isPresent() && !leader.get().timeline().equals(member.timeline())) {
      return Optional.of(
          new Refusal(
              Reason.OTHER_TIMELINE,
              name + " is on a different timeline than the leader",
              "wait until it follows the leader; if it does not: ./ninefold reinit " + name));
    }
    var most = cluster.postgresql().maximumLag().bytes();
    if (member.lag().isEmpty() || member.lag().getAsLong() > most) {
      var lag =
          member.lag().isPresent() ? member.lag().getAsLong() + " bytes" : "an unknown amount";
      return Optional.of(
          new Refusal(
              Reason.LAGS,
              "%s lags the leader by %s; postgresql.maximumLag allows %d bytes"
                  .formatted(name, lag, most),
              "wait until it has caught up: ./ninefold status shows the lag"));
    }
    return Optional.empty();
  }

  /** The reason why the description forbids a member to lead; empty if it does not. */
  Optional<Refusal> leadershipProblem(Node node) {
    var tags = node.tags();
    return tags.nofailover() || tags.failoverPriority() == 0
        ? Optional.of(
            new Refusal(
                Reason.NEVER_LEADS,
                "the description forbids that %s becomes the leader (tags: %s)"
                    .formatted(
                        node.name(), tags.nofailover() ? "nofailover" : "failoverPriority: 0"),
                "choose a different candidate, or change its tags and run pulumi up"))
        : Optional.empty();
  }

  /**
   * The reason why a member may lack acknowledged writes; empty if commits wait for it, or if
   * durability is {@code async}.
   */
  Optional<Refusal> synchronyProblem(ClusterOverview.Member member) {
    return cluster.durability() == Durability.ASYNC || member.role().endsWith("_standby")
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                Reason.NOT_SYNCHRONOUS,
                "%s is not a synchronous replica, so it may lack acknowledged writes"
                    .formatted(member.name()),
                "choose a synchronous replica, or leave out --to"));
  }
}
