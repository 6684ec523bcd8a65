package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import ninefold.lab.Health.Member;
import org.junit.jupiter.api.Test;

class HealthTest {
  private static final Member LEADER = new Member("p1", "leader", "running", 3);
  private static final Member STANDBY = new Member("p2", "sync_standby", "streaming", 3);
  private static final Member REPLICA = new Member("p3", "replica", "streaming", 3);
  private static final List<Member> MEMBERS = List.of(LEADER, STANDBY, REPLICA);
  private static final Map<String, String> SYNC = Map.of("p2", "sync", "p3", "async");
  private static final List<String> HOLDER = List.of("b1");

  @Test
  void healthyCluster_hasNoProblems() {
    assertThat(problems(MEMBERS, SYNC)).isEmpty();
  }

  @Test
  void missingLeader_isReported() {
    assertThat(problems(List.of(STANDBY, REPLICA), SYNC)).anyMatch(p -> p.contains("one leader"));
  }

  @Test
  void replicaOnOldTimeline_isReported() {
    var behind = new Member("p3", "replica", "streaming", 2);
    assertThat(problems(List.of(LEADER, STANDBY, behind), SYNC))
        .singleElement()
        .asString()
        .contains("timeline 3", "p3");
  }

  @Test
  void replicaThatDoesNotStream_isReported() {
    var running = new Member("p3", "replica", "running", 3);
    assertThat(problems(List.of(LEADER, STANDBY, running), SYNC)).hasSize(1);
  }

  @Test
  void synchronousOnlyInPatroni_isReported() {
    assertThat(problems(MEMBERS, Map.of("p2", "async", "p3", "async")))
        .containsExactly(
            "the leader's PostgreSQL has no synchronous standby: "
                + Map.of("p2", "async", "p3", "async"));
  }

  @Test
  void virtualAddressOnTwoBalancers_isReported() {
    var health = new Health(3, MEMBERS, SYNC, List.of(), List.of(), List.of("b1", "b2"));
    assertThat(health.problems()).hasSize(1);
  }

  @Test
  void unreachableServices_areReported() {
    var health = new Health(3, MEMBERS, SYNC, List.of("e1"), List.of("b2:5001"), HOLDER);
    assertThat(health.problems())
        .containsExactly("etcd is not healthy on e1", "no pool answers through b2:5001");
  }

  private static List<String> problems(List<Member> members, Map<String, String> sync) {
    return new Health(3, members, sync, List.of(), List.of(), HOLDER).problems();
  }
}
