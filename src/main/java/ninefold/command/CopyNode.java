package ninefold.command;

import java.util.Comparator;
import java.util.Optional;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.verdict.ClusterOverview;

/**
 * The choice of the database node for a copy.
 *
 * @param observation the observed cluster
 */
record CopyNode(Observation observation) {

  /**
   * The node on which a copy disturbs the cluster least: a replica for which no commit waits,
   * otherwise a synchronous one, otherwise the leader.
   */
  Optional<String> best() {
    var overview = observation.verdict().overview();
    var standings = new MemberStandings(observation.cluster(), overview);
    return observation.cluster().nodes(Role.POSTGRES).stream()
        .map(Node::name)
        .filter(name -> observation.facts(name).isPresent())
        .min(
            Comparator.comparing(standings::leads)
                .thenComparing(
                    name -> standings.member(name).filter(CopyNode::synchronous).isPresent()));
  }

  private static boolean synchronous(ClusterOverview.Member member) {
    return member.role().endsWith("_standby");
  }

  /** The leader, if its machine answers. */
  Optional<String> leader() {
    return observation
        .verdict()
        .overview()
        .leader()
        .filter(name -> observation.facts(name).isPresent());
  }
}
