package ninefold.verdict;

import java.util.Optional;
import ninefold.description.Node;
import ninefold.description.Role;

/** Whether exactly one node leads, and the description knows it. */
final class LeaderChecks {
  private static final String PAGE = "docs/operations/failover.md, There is no leader";

  private LeaderChecks() {}

  static void run(ClusterFacts situation, Findings findings) {
    if (situation.nothingKnown()) {
      return;
    }
    several(situation, findings);
    if (situation.leader().isEmpty()) {
      nobody(situation, findings);
      return;
    }
    String leader = situation.leader().get();
    if (situation.cluster().nodes(Role.POSTGRES).stream()
        .map(Node::name)
        .noneMatch(leader::equals)) {
      findings.add(
          Check.LEADER_UNKNOWN,
          leader,
          leader + " leads, and the description has no database node of that name.",
          "describe it, or let another node lead: ./ninefold switchover");
      return;
    }
    idle(situation, leader)
        .ifPresent(
            why ->
                findings.add(
                    Check.NO_LEADER,
                    leader,
                    "%s is to lead, but %s.".formatted(leader, why),
                    "look at journalctl -u patroni on " + leader + "; " + PAGE));
  }

  private static void several(ClusterFacts situation, Findings findings) {
    if (situation.primaries().size() > 1) {
      findings.add(
          Check.SEVERAL_LEADERS,
          FindingText.list(situation.primaries()) + " all accept writes.",
          "stop PostgreSQL on each that Patroni does not call the leader: sudo systemctl stop"
              + " patroni there");
    }
  }

  private static void nobody(ClusterFacts situation, Findings findings) {
    if (situation.view().isPresent()) {
      findings.add(Check.NO_LEADER, "No node leads: Patroni names none.", PAGE);
    } else if (!situation.writes()) {
      findings.add(
          Check.NO_LEADER,
          "Nobody says who leads: Patroni answers on no database node, and no PostgreSQL accepts"
              + " writes.",
          PAGE);
    }
  }

  /** Why the one who is to lead accepts no writes, if so. */
  private static Optional<String> idle(ClusterFacts situation, String leader) {
    if (situation.silent(leader)) {
      return situation
          .member(leader)
          .map(PatroniFacts.Member::state)
          .filter(state -> !state.equals("running") && !situation.writes())
          .map(state -> "it is " + state + ", and its machine does not answer");
    }
    Optional<PostgresqlFacts> postgresql = situation.of(leader, Facts::postgresql);
    if (postgresql.isEmpty()) {
      return situation.writes() ? Optional.empty() : Optional.of("its PostgreSQL does not answer");
    }
    return postgresql.filter(PostgresqlFacts::recovery).map(it -> "its PostgreSQL is in recovery");
  }
}
