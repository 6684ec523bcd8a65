package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** All database and etcd machines are lost. One {@code up} brings back every archived row. */
@Tag("rebuild")
final class RebuildTest extends ChangeSuite {
  private static final StackOutputs OUTPUTS = StackOutputs.of(LAB);
  private static final LiveCluster CLUSTER = new LiveCluster(LAB, OUTPUTS);
  private static final String ROWS = "SELECT count(*), sum(n) FROM archived_row";

  @Test
  void lostDatabaseAndEtcdMachines_areRebuiltFromTheRepository() {
    CLUSTER.awaitHealthy();
    var leader = CLUSTER.leader();
    CLUSTER.sql(
        leader,
        OUTPUTS.database(),
        "CREATE TABLE archived_row AS SELECT generate_series(1, 10000) AS n");
    var rows = CLUSTER.sql(leader, OUTPUTS.database(), ROWS);
    var segment = CLUSTER.sql(leader, "postgres", "SELECT pg_walfile_name(pg_current_wal_lsn())");
    CLUSTER.sql(leader, "postgres", "SELECT pg_switch_wal()");
    Eventually.holds(
        "the rows are archived",
        FaultSuite.withSlack(30),
        () -> {
          var last =
              CLUSTER.sql(leader, "postgres", "SELECT last_archived_wal FROM pg_stat_archiver");
          return last.compareTo(segment) >= 0 ? Optional.empty() : Optional.of(last);
        });
    var lost = Stream.concat(CLUSTER.databases().stream(), CLUSTER.etcd().stream()).toList();

    LAB.replace(lost);
    var run =
        PulumiRun.up()
            .describedBy(description("rebuild", text -> text + "\nbootstrap: {from: containers}\n"))
            .run()
            .succeeded();

    timed("up: rebuilt from the repository", run);
    assertThat(run.took()).isLessThan(Duration.ofSeconds(200));
    CLUSTER.awaitHealthy();
    assertThat(CLUSTER.sql(CLUSTER.leader(), OUTPUTS.database(), ROWS)).isEqualTo(rows);
  }
}
