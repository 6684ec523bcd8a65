package ninefold.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The state of a cluster at one moment.
 *
 * @param databases the expected number of database nodes
 * @param members Patroni's members
 * @param syncStates the {@code sync_state} of each streaming replica, from the leader's PostgreSQL
 * @param silentEtcd etcd members that are not healthy
 * @param unreachable the balancers' endpoints through which no pool answers
 * @param holders balancers that hold the virtual address
 */
record Health(
    int databases,
    List<Member> members,
    Map<String, String> syncStates,
    List<String> silentEtcd,
    List<String> unreachable,
    List<String> holders) {

  /** One line of {@code patronictl list}. */
  record Member(String name, String role, String state, long timeline) {
    boolean isLeader() {
      return role.equals("leader");
    }
  }

  /** Returns everything that is wrong with the cluster, or an empty list. */
  List<String> problems() {
    var problems = new ArrayList<String>();
    patroni(problems);
    replication(problems);
    silentEtcd.forEach(member -> problems.add("etcd is not healthy on " + member));
    unreachable.forEach(endpoint -> problems.add("no pool answers through " + endpoint));
    if (holders.size() != 1) {
      problems.add("the virtual address is held by " + holders + " instead of one balancer");
    }
    return problems;
  }

  private void patroni(List<String> problems) {
    var leaders = members.stream().filter(Member::isLeader).toList();
    if (leaders.size() != 1 || members.size() != databases) {
      problems.add(
          "Patroni should have " + databases + " members with one leader, but has " + members);
      return;
    }
    var leader = leaders.get(0);
    if (!leader.state().equals("running")) {
      problems.add("the leader is not running: " + leader);
    }
    members.stream()
        .filter(member -> !member.isLeader())
        .filter(
            member -> !member.state().equals("streaming") || member.timeline() != leader.timeline())
        .forEach(
            member ->
                problems.add(
                    "this replica doesn't stream on timeline "
                        + leader.timeline()
                        + ": "
                        + member));
    if (members.stream().noneMatch(Health::synchronous)) {
      problems.add("Patroni names no synchronous standby: " + members);
    }
  }

  private static boolean synchronous(Member member) {
    return member.role().equals("sync_standby") || member.role().equals("quorum_standby");
  }

  private void replication(List<String> problems) {
    if (syncStates.size() != databases - 1) {
      problems.add("not every replica streams from the leader's PostgreSQL: " + syncStates);
    }
    if (!syncStates.containsValue("sync") && !syncStates.containsValue("quorum")) {
      problems.add("the leader's PostgreSQL has no synchronous standby: " + syncStates);
    }
  }
}
