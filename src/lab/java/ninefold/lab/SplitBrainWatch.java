package ninefold.lab;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/**
 * Tries to write on every database node several times per second, directly on the node, without
 * balancer and pool. All nodes share one clock, so their times can be compared.
 */
final class SplitBrainWatch implements AutoCloseable {
  private static final String TABLE = "lab_watch";
  private static final String UNIT = "ninefold-lab-watch";
  private static final String LOG = "/run/" + UNIT + ".log";

  /** A commit that waits for its replica is abandoned after 2 s: it was not acknowledged. */
  private static final String LOOP =
      """
      number=0
      while :; do
        number=$((number + 1))
        begin=$EPOCHREALTIME
        output=$(timeout --signal=KILL 2 psql -XAtq -d DATABASE -c "INSERT INTO TABLE VALUES \
      ('RUN', '$HOSTNAME', $number) RETURNING \
      substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)" 2>&1) || output=refused
        end=$EPOCHREALTIME
        if [[ $output =~ ^[0-9A-F]{8}$ ]]; then
          printf '%s %s %s %s\\n' "$number" "${begin/[.,]/}" "${end/[.,]/}" "$((16#$output))"
        fi
        sleep 0.25
      done
      """;

  private final Lab lab;
  private final LiveCluster cluster;
  private final String database;
  private final String run = "w" + System.currentTimeMillis();
  private final List<AcceptedWrite> accepted = new ArrayList<>();

  private SplitBrainWatch(Lab lab, LiveCluster cluster, String database) {
    this.lab = lab;
    this.cluster = cluster;
    this.database = database;
  }

  /** Starts the watch on all database nodes of a healthy cluster. */
  static SplitBrainWatch start(Lab lab, LiveCluster cluster, String database) {
    var watch = new SplitBrainWatch(lab, cluster, database);
    cluster.sql(
        cluster.leader(),
        database,
        "CREATE TABLE IF NOT EXISTS " + TABLE + " (run text, node text, number int)");
    cluster.awaitReplay();
    cluster.databases().forEach(watch::startOn);
    return watch;
  }

  /**
   * Ends the watch on the healthy cluster. Requires that no two nodes accepted writes at the same
   * time, and that the leader has every write that any node acknowledged.
   */
  void requireOneWriterAtATime() {
    for (var node : cluster.databases()) {
      lab.ssh(node, "systemctl stop " + UNIT + " || true");
      lab.ssh(node, "cat " + LOG).lines().map(line -> write(node, line)).forEach(accepted::add);
    }
    System.out.println("  " + summary());
    assertThat(accepted).as("writes that the nodes accepted").isNotEmpty();
    assertThat(AcceptedWrite.contradictions(accepted)).isEmpty();
    assertThat(lost()).as("writes that a node acknowledged and the leader lacks").isEmpty();
  }

  private List<AcceptedWrite> lost() {
    var present =
        cluster
            .sql(
                cluster.leader(),
                database,
                "SELECT node, number FROM " + TABLE + " WHERE run = '" + run + "'")
            .lines()
            .collect(toSet());
    return accepted.stream()
        .filter(write -> !present.contains(write.node() + "|" + write.number()))
        .toList();
  }

  /**
   * Returns a line with the number of accepted writes, and the nodes and timelines that accepted
   * them.
   */
  private String summary() {
    return accepted.stream()
        .map(write -> write.node() + " on timeline " + write.timeline())
        .distinct()
        .sorted()
        .collect(joining(", ", accepted.size() + " node-local writes: ", ""));
  }

  @Override
  public void close() {
    for (var node : cluster.databases()) {
      lab.ssh(node, "systemctl stop " + UNIT + " 2>/dev/null || true; rm -f " + LOG);
    }
  }

  private void startOn(String node) {
    var loop = LOOP.replace("DATABASE", database).replace("TABLE", TABLE).replace("RUN", run);
    lab.ssh(
        node,
        "systemctl stop "
            + UNIT
            + " 2>/dev/null || true; rm -f "
            + LOG
            + "\nscript=$(cat <<'LOOP'\n"
            + loop
            + "LOOP\n)\nsystemd-run --quiet --collect --expand-environment=no --unit="
            + UNIT
            + " --uid=postgres --working-directory=/ --property=StandardOutput=file:"
            + LOG
            + " bash -c \"$script\"");
  }

  private static AcceptedWrite write(String node, String line) {
    var parts = line.split(" ", 4);
    return new AcceptedWrite(
        node,
        Integer.parseInt(parts[0]),
        Long.parseLong(parts[1]),
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]));
  }
}
