package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests when steps consider the members healthy: {@code templates/patroni/scripts/patroni-api.sh},
 * at several times. Machine a leads; b and c are its replicas.
 */
class HealthyMembersTest {
  private static final String CURL =
      """
      #!/bin/bash
      cd MACHINE
      for url; do [[ $url != https://* ]] || break; done
      url=${url#https://}
      case /${url#*/} in
        /cluster) cat cluster ;;
        /patroni) cat "own.${url%%:*}" ;;
      esac
      """;

  /**
   * Each line of input is TIME B C POSITION: the states of the replicas, and c's replay position.
   */
  private static final String LOOKS =
      """
      #!/bin/bash
      cd MACHINE
      source MACHINE/lib/patroni-api.sh
      described() { :; }
      unset EPOCHSECONDS
      while read -r EPOCHSECONDS b c position; do
        printf '{"members": [%s, %s, %s]}' \
          '{"name": "a", "role": "leader", "state": "running", "api_url": "https://a:8008/patroni"}' \
          "{\\"name\\": \\"b\\", \\"role\\": \\"replica\\", \\"state\\": \\"${b//_/ }\\", \\"lag\\": 0, \\"api_url\\": \\"https://b:8008/patroni\\"}" \
          "{\\"name\\": \\"c\\", \\"role\\": \\"replica\\", \\"state\\": \\"${c//_/ }\\", \\"lag\\": 9, \\"api_url\\": \\"https://c:8008/patroni\\"}" \
          >cluster
        for name in b c; do
          printf '{"replication_state": "%s", "xlog": {"replayed_location": %s}}' "${!name//_/ }" "$position" >"own.$name"
        done
        ! all_healthy >/dev/null || echo "healthy at $EPOCHSECONDS"
      done
      echo "candidate: $(candidate a)"
      """;

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    Files.createDirectories(machine.resolve("run"));
    for (var script : List.of("patroni/patroni-api.sh", "host/lib.sh")) {
      TestProcess.script(
          machine, script.substring(script.indexOf('/') + 1), Template.script(script));
    }
    TestProcess.environment(machine, "NODE=a", "PATRONI_ENDPOINT=a:8008");
    TestProcess.executable(
        machine.resolve("bin/curl"), CURL.replace("MACHINE", machine.toString()));
    TestProcess.executable(machine.resolve("looks"), LOOKS.replace("MACHINE", machine.toString()));
  }

  @Test
  void streamingMembers_areHealthyAtOnce() {
    assertThat(looks("100 streaming streaming 5")).contains("healthy at 100");
  }

  @Test
  void replicaThatCatchesUpFromTheArchive_isHealthy_afterAGracePeriod() {
    assertThat(
            looks(
                "100 streaming in_archive_recovery 5",
                "119 streaming in_archive_recovery 6",
                "120 streaming in_archive_recovery 6",
                "239 streaming in_archive_recovery 6",
                "240 streaming in_archive_recovery 6"))
        .containsExactly("healthy at 120", "healthy at 239", "candidate: b");
  }

  @Test
  void stalledReplica_isNotHealthy() {
    assertThat(
            looks(
                "100 streaming in_archive_recovery 5",
                "200 streaming in_archive_recovery 5",
                "300 streaming in_archive_recovery 5"))
        .containsExactly("candidate: b");
  }

  /** After it has streamed, a replica gets the grace period again. */
  @Test
  void replicaThatStreamedMeanwhile_getsANewGracePeriod() {
    assertThat(
            looks(
                "100 streaming in_archive_recovery 5",
                "130 streaming in_archive_recovery 6",
                "131 streaming streaming 7",
                "132 streaming in_archive_recovery 8",
                "140 streaming in_archive_recovery 9"))
        .containsExactly("healthy at 130", "healthy at 131", "candidate: b");
  }

  /** Without a streaming replica, there is no copy, and no replica could become leader. */
  @ParameterizedTest
  @CsvSource({"in_archive_recovery", "starting"})
  void withoutAStreamingReplica_theClusterIsNotHealthy(String other) {
    assertThat(
            looks(
                "100 %s in_archive_recovery 5".formatted(other),
                "130 %s in_archive_recovery 6".formatted(other)))
        .containsExactly("candidate:");
  }

  private Stream<String> output(String... looks) {
    var ended =
        TestProcess.run(
            List.of(machine.resolve("looks").toString()),
            String.join("\n", looks) + "\n",
            Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output().lines().map(String::strip);
  }

  private List<String> looks(String... looks) {
    return output(looks).toList();
  }
}
