package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A replica that is made anew. */
class CloneTest extends FaultSuite {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** What the backup lacks is on the old leader's timeline and on the new one's. */
  @Test
  @Tag("clone")
  void replicaMadeAnew_rightAfterAFailover_comesFromTheOlderBackup() {
    madeAnewAfterAFailover("a replica made anew after a failover", leader -> {});
  }

  /** The archive has neither the new timeline's history nor its WAL: the leader has both. */
  @Test
  @Tag("clone")
  void replicaMadeAnew_whereTheNewLeaderArchivesNothing_takesTheNewTimelineFromTheLeader() {
    madeAnewAfterAFailover(
        "a replica made anew after a failover, the new leader cut off from the repository",
        leader -> LAB.cut(leader, List.of("repository")));
  }

  private static void madeAnewAfterAFailover(String fault, Consumer<String> toTheNewLeader) {
    LAB.ssh("repository", LIMIT, "systemctl start pgbackrest-backup@diff");
    var old = CLUSTER.leader();
    during(
            fault,
            client -> {
              LAB.powerOff(old);
              client.awaitFlowAwayFrom(OUTPUTS.address(old), patience(Target.LEADER_POWER_CUT));
              var leader = CLUSTER.leader();
              toTheNewLeader.accept(leader);
              var replica =
                  CLUSTER.databases().stream()
                      .filter(node -> !List.of(old, leader).contains(node))
                      .findFirst()
                      .orElseThrow();
              LAB.powerOn(old);
              assertThat(reinitialized(replica))
                  .contains("clone-from-backup: from ")
                  .doesNotContain("replica has been created using basebackup");
              Eventually.holds(
                  replica + " streams on the new timeline", LIMIT, () -> lacking(replica));
              LAB.heal();
            })
        .requireGapWithin(Target.LEADER_POWER_CUT);
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
  }

  private static Optional<String> lacking(String replica) {
    var members = CLUSTER.members();
    var timeline =
        members.stream().filter(Health.Member::leads).mapToLong(Health.Member::timeline).max();
    var streams =
        members.stream()
            .filter(member -> member.name().equals(replica) && member.state().equals("streaming"))
            .anyMatch(member -> member.timeline() == timeline.orElse(0));
    return streams ? Optional.empty() : Optional.of(members.toString());
  }

  /** A gap in the archive would make the backup a way to nowhere: it is not gone twice. */
  @Test
  @Tag("faults")
  void replicaMadeAnew_comesFromTheBackup_andAgainFromTheLeader() {
    var replica = CLUSTER.replicas().get(0);
    LAB.ssh("repository", LIMIT, "systemctl start pgbackrest-backup@diff");
    during(
            "a replica made anew, twice",
            client -> {
              assertThat(madeAnew(replica)).contains("clone-from-backup: from ");
              assertThat(madeAnew(replica))
                  .contains("has already restored", "replica has been created using basebackup");
            })
        .requireGapWithin(Target.REPLICA_MADE_ANEW);
  }

  private static String madeAnew(String replica) {
    var said = reinitialized(replica);
    CLUSTER.awaitHealthy();
    return said;
  }

  /** Returns what Patroni said meanwhile. */
  private static String reinitialized(String replica) {
    var began = LAB.ssh(replica, "date +%s").strip();
    LAB.ssh(
        replica,
        LIMIT,
        "patronictl -c /etc/patroni/config.d reinit --force --wait %s %s"
            .formatted(DESCRIPTION.name(), replica));
    return LAB.ssh(replica, "journalctl --sync; journalctl -u patroni -o cat --since=@" + began);
  }
}
