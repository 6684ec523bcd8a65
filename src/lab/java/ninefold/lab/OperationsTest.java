package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Operations through {@code ./ninefold}: each is either carried out and confirmed, or refused. */
@Tag("status")
final class OperationsTest extends ChangeSuite {
  private static final int DONE = 0;
  private static final int REFUSED = 4;

  private final LiveCluster cluster = new LiveCluster(LAB, StackOutputs.of(LAB));

  @BeforeEach
  void awaitHealthyCluster() {
    cluster.awaitHealthy();
  }

  /** {@code --plan} must change nothing. */
  @Test
  void switchover_printsItsPlan_thenSwitches() {
    var leader = cluster.leader();
    var candidate =
        cluster.members().stream()
            .filter(member -> member.role().equals("sync_standby"))
            .map(Health.Member::name)
            .findFirst()
            .orElseThrow();

    assertThat(OperatorCommand.run("switchover", "--plan").ended(DONE).output())
        .contains(candidate);
    assertThat(cluster.leader()).isEqualTo(leader);

    OperatorCommand.run("switchover", "--to", candidate, "--yes").ended(DONE);

    assertThat(cluster.leader()).isEqualTo(candidate);
    assertThat(OperatorCommand.run("history").ended(DONE).output()).contains(candidate);
  }

  /** A switchover to an asynchronous replica could lose writes. */
  @Test
  void switchoverToAnAsynchronousReplica_isRefused() {
    var asynchronous =
        cluster.members().stream()
            .filter(member -> member.role().equals("replica"))
            .map(Health.Member::name)
            .findFirst()
            .orElseThrow();

    assertThat(
            OperatorCommand.run("switchover", "--to", asynchronous, "--yes")
                .ended(REFUSED)
                .output())
        .contains(asynchronous, "synchronous");
  }

  @Test
  void restart_andReload_succeed() {
    var replica = cluster.replicas().get(0);

    OperatorCommand.run("restart", replica, "--yes").ended(DONE);
    assertThat(cluster.startedLast()).isEqualTo(replica);

    assertThat(OperatorCommand.run("reload", "--yes").ended(DONE).output())
        .contains(cluster.databases());
  }

  @Test
  void reinitOfReplica_succeeds_reinitOfLeader_isRefused() {
    var replica = cluster.replicas().get(0);
    LAB.ssh(replica, "echo 'before' >/var/lib/postgresql/17/main/left-behind");

    OperatorCommand.run("reinit", replica, "--yes").ended(DONE);

    assertThat(LAB.ssh(replica, "ls /var/lib/postgresql/17/main")).doesNotContain("left-behind");
    OperatorCommand.run("reinit", cluster.leader(), "--yes").ended(REFUSED);
  }

  @Test
  void pausedCluster_permitsOnlyResume() {
    OperatorCommand.run("pause", "--yes").ended(DONE);
    try {
      assertThat(OperatorCommand.run("switchover", "--yes").ended(REFUSED).output())
          .contains("paused");
    } finally {
      OperatorCommand.run("resume", "--yes").ended(DONE);
    }
    assertThat(OperatorCommand.runForStandardOutput("status").ended(DONE).output())
        .contains("healthy");
  }

  /** A change of the cluster holds a lock in etcd. */
  @Test
  void lockHeldByAnotherChange_refusesOperations() {
    var etcd = cluster.etcd().get(0);
    var lock = "/ninefold/" + PulumiRun.description().orElseThrow().name() + "/disruption";
    LAB.ssh(
        etcd,
        "systemd-run --quiet --unit=holder --property=EnvironmentFile=/etc/ninefold/etcd.env etcdctl"
            + " lock "
            + lock
            + " sleep 120");
    try {
      assertThat(OperatorCommand.run("switchover", "--yes").ended(REFUSED).output())
          .contains("another change is running");
    } finally {
      LAB.ssh(etcd, "systemctl stop holder");
    }
  }
}
