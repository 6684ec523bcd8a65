package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TargetTest {
  private static final List<String> PROFILES = List.of("fast", "normal", "wide");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SWITCHOVER          | switchover
          LEADER_POWER_CUT    | power cut of the leader
          POSTMASTER_KILLED   | PostgreSQL killed, starts again
          PGBOUNCER_KILLED    | PgBouncer killed
          PGBOUNCER_HUNG      | PgBouncer hangs
          PGBOUNCER_KEPT_DEAD | PgBouncer stays dead
          BALANCER_POWER_CUT  | the active balancer's power cut
          HAPROXY_KILLED      | HAProxy killed
          HAPROXY_HUNG        | HAProxy hangs
          HAPROXY_KEPT_DEAD   | HAProxy can't start
          REPLICA_SILENT      | the synchronous replica's power cut
          ETCD_MEMBER_OFF     | an asynchronous replica, one etcd member, the repository
          ETCD_OUT_OF_REACH   | all of etcd
          """)
  void model_matchesTheDocumentation(Target target, String fault) throws IOException {
    assertThat(PROFILES.stream().map(profile -> seconds(target.modelled(cluster(profile)))))
        .containsExactlyElementsOf(documentedWorstCases(fault).toList());
  }

  /** With {@code fast} an aim replaces the model, and no target is shorter than 1 s. */
  @ParameterizedTest
  @CsvSource({
    "SWITCHOVER, 2000, 3000, 9000",
    "SWITCHOVER_WITHOUT_REPOSITORY, 7250, 18000, 59000",
    "POSTMASTER_KILLED, 5000, 14000, 32000",
    "LEADER_POWER_CUT, 25000, 34500, 100500",
    "LEADER_CUT_OFF, 23750, 34500, 100500",
    "ETCD_OUT_OF_REACH, 1000, 1000, 1000",
    "POSTGRESQL_RESTARTS, 4250, 5000, 13000",
    "METASTORE_SWITCHOVER, 9250, 10000, 16000",
  })
  void target_isTheAimOrTheModel(Target target, long fast, long normal, long wide) {
    assertThat(PROFILES.stream().map(profile -> target.in(cluster(profile)).toMillis()))
        .containsExactly(fast, normal, wide);
  }

  @ParameterizedTest
  @EnumSource
  void slowerProfiles_haveLongerTargets(Target target) {
    assertThat(PROFILES.stream().map(profile -> target.in(cluster(profile))).toList())
        .isSorted()
        .allMatch(gap -> gap.toMillis() >= 1000);
  }

  /** Reads the worst case of each profile from the table "What they add up to". */
  private static Stream<String> documentedWorstCases(String fault) throws IOException {
    var row =
        Files.readAllLines(Path.of("docs", "performance.md")).stream()
            .dropWhile(line -> !line.equals("### What they add up to"))
            .takeWhile(line -> !line.equals("### Measured against the model"))
            .filter(line -> line.startsWith("| " + fault + " |"))
            .map(line -> List.of(line.split("\\|")))
            .filter(cells -> cells.size() == 6)
            .toList();
    assertThat(row).as("rows about: %s", fault).hasSize(1);
    return row.get(0).subList(3, 6).stream()
        .map(cell -> cell.substring(cell.lastIndexOf('/') + 1).strip());
  }

  /** Formats seconds with one decimal, which is left out if it is 0. */
  private static String seconds(int millis) {
    return BigDecimal.valueOf(millis, 3)
        .setScale(1, RoundingMode.HALF_UP)
        .toString()
        .replaceFirst("\\.0$", "");
  }

  private Cluster cluster(String profile) {
    try {
      var lab = Files.readString(Path.of("stacks", "containers.yaml"));
      var file = folder.resolve(profile + ".yaml");
      Files.writeString(file, lab + "\nfailover: " + profile + "\n");
      return DescriptionReader.read(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
