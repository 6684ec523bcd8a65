package ninefold.verdict;

import java.util.Optional;
import ninefold.description.Node;
import ninefold.description.Role;

/** Checks that there is exactly one leader, and that it is in the description. */
final class LeaderChecks {
  private static final String PAGE = "docs/operations/failover.md, There is no leader";

  private LeaderChecks() {}

  static void run(ClusterFacts clusterFacts, Findings findings) {
    if (clusterFacts.nothingKnown()) {
      return;
    }
    severalLeaders(clusterFacts, findings);
    if (clusterFacts.leader().isEmpty()) {
      noLeader(clusterFacts, findings);
      return;
    }
    String leader = clusterFacts.leader().get();
    if (clusterFacts.cluster().nodes(Role.POSTGRES).stream()
        .map(Node::name)
        .noneMatch(leader::equals)) {
      findings.add(
          Check.LEADER_UNKNOWN,
          leader,
          leader + " is the leader, but the description has no database node of that name.",
          "add it to the description, or switch over to a different node: ./ninefold switchover");
      return;
    }
    problem(clusterFacts, leader)
        .ifPresent(
            why ->
                findings.add(
                    Check.NO_LEADER,
                    leader,
                    "%s is the leader, but %s.".formatted(leader, why),
                    "look at journalctl -u patroni on " + leader + "; " + PAGE));
  }

  private static void severalLeaders(ClusterFacts clusterFacts, Findings findings) {
    if (clusterFacts.primaries().size() > 1) {
      findings.add(
          Check.SEVERAL_LEADERS,
          FindingText.list(clusterFacts.primaries()) + " all accept writes (split brain).",
          "on each of them that Patroni does not report as the leader: sudo systemctl stop"
              + " patroni");
    }
  }

  private static void noLeader(ClusterFacts clusterFacts, Findings findings) {
    if (clusterFacts.view().isPresent()) {
      findings.add(Check.NO_LEADER, "The cluster has no leader, according to Patroni.", PAGE);
    } else if (!clusterFacts.writes()) {
      findings.add(
          Check.NO_LEADER,
          "The leader is not known: Patroni does not answer on any database node, and no PostgreSQL"
              + " accepts writes.",
          PAGE);
    }
  }

  /** The reason why the leader does not accept writes; empty if it does, or may. */
  private static Optional<String> problem(ClusterFacts clusterFacts, String leader) {
    if (clusterFacts.silent(leader)) {
      return clusterFacts
          .member(leader)
          .map(PatroniFacts.Member::state)
          .filter(state -> !state.equals("running") && !clusterFacts.writes())
          .map(state -> "it is " + state + ", and its machine does not answer");
    }
    Optional<PostgresqlFacts> postgresql = clusterFacts.of(leader, Facts::postgresql);
    if (postgresql.isEmpty()) {
      return clusterFacts.writes()
          ? Optional.empty()
          : Optional.of("its PostgreSQL does not answer");
    }
    return postgresql.filter(PostgresqlFacts::recovery).map(it -> "its PostgreSQL is in recovery");
  }
}
