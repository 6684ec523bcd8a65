package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A replica that is made anew. */
@Tag("faults")
class CloneTest extends FaultSuite {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** A gap in the archive would make the backup a way to nowhere: it is not gone twice. */
  @Test
  void replicaMadeAnew_comesFromTheBackup_andAgainFromTheLeader() {
    var replica = CLUSTER.replicas().get(0);
    LAB.ssh("repository", LIMIT, "systemctl start pgbackrest-backup@diff");
    during(
            "a replica made anew, twice",
            client -> {
              assertThat(madeAnew(replica)).contains("clone-from-backup: from ");
              assertThat(madeAnew(replica))
                  .contains("was taken before", "replica has been created using basebackup");
            })
        .requireGapWithin(Target.REPLICA_MADE_ANEW);
  }

  /** Returns what Patroni said meanwhile. */
  private static String madeAnew(String replica) {
    var began = LAB.ssh(replica, "date +%s").strip();
    LAB.ssh(
        replica,
        LIMIT,
        "patronictl -c /etc/patroni/config.d reinit --force --wait %s %s"
            .formatted(DESCRIPTION.name(), replica));
    CLUSTER.awaitHealthy();
    return LAB.ssh(replica, "journalctl --sync; journalctl -u patroni -o cat --since=@" + began);
  }
}
