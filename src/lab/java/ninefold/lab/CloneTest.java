package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reinitialized replicas: from the backup if possible, otherwise from the leader. */
class CloneTest extends FaultSuite {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * The backup is older than the failover, so the replica needs WAL of the old and of the new
   * timeline.
   */
  @Test
  @Tag("clone")
  void reinitAfterFailover_usesTheOlderBackup() {
    reinitAfterFailover("a replica cloned again after a failover", leader -> {});
  }

  /**
   * The new leader cannot archive, so the replica must get the history and the WAL of the new
   * timeline from the leader.
   */
  @Test
  @Tag("clone")
  void reinitWithoutArchive_takesTheNewTimelineFromTheLeader() {
    reinitAfterFailover(
        "a replica cloned again after a failover, the new leader cut off from the repository",
        leader -> LAB.cut(leader, List.of("repository")));
  }

  private static void reinitAfterFailover(String fault, Consumer<String> toTheNewLeader) {
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
              assertThat(reinit(replica))
                  .contains("clone-from-backup: from ")
                  .doesNotContain("replica has been created using basebackup");
              Eventually.holds(
                  replica + " streams on the new timeline", LIMIT, () -> notStreaming(replica));
              LAB.heal();
            })
        .requireGapWithin(Target.LEADER_POWER_CUT);
    assertThat(CLUSTER.leader()).isNotEqualTo(old);
  }

  private static Optional<String> notStreaming(String replica) {
    var members = CLUSTER.members();
    var timeline =
        members.stream().filter(Health.Member::isLeader).mapToLong(Health.Member::timeline).max();
    var streams =
        members.stream()
            .filter(member -> member.name().equals(replica) && member.state().equals("streaming"))
            .anyMatch(member -> member.timeline() == timeline.orElse(0));
    return streams ? Optional.empty() : Optional.of(members.toString());
  }

  /**
   * If the archive had a gap, a replica could never follow from the backup. So the second attempt
   * must copy the leader.
   */
  @Test
  @Tag("faults")
  void firstReinit_usesTheBackup_secondCopiesTheLeader() {
    var replica = CLUSTER.replicas().get(0);
    LAB.ssh("repository", LIMIT, "systemctl start pgbackrest-backup@diff");
    during(
            "a replica cloned again, twice",
            client -> {
              assertThat(reinitAndAwaitHealthy(replica)).contains("clone-from-backup: from ");
              assertThat(reinitAndAwaitHealthy(replica))
                  .contains("has already restored", "replica has been created using basebackup");
            })
        .requireGapWithin(Target.REPLICA_MADE_ANEW);
  }

  private static String reinitAndAwaitHealthy(String replica) {
    var log = reinit(replica);
    CLUSTER.awaitHealthy();
    return log;
  }

  /** Reinitializes a replica and returns Patroni's log of that time. */
  private static String reinit(String replica) {
    var began = LAB.ssh(replica, "date +%s").strip();
    LAB.ssh(
        replica,
        LIMIT,
        "patronictl -c /etc/patroni/config.d reinit --force --wait %s %s"
            .formatted(DESCRIPTION.name(), replica));
    return LAB.ssh(replica, "journalctl --sync; journalctl -u patroni -o cat --since=@" + began);
  }
}
